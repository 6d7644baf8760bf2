// Colours of SQL, piece by piece.
#include "cli/highlight.h"

#include <gtest/gtest.h>

namespace kalamdb::cli {
namespace {

// A letter for each byte: k(eyword) t(ype) s(tring) n(umber) c(omment) .(plain)
std::string Letters(std::string_view text) {
  std::string out;
  for (const TextStyle style : Highlight(text)) {
    out += style == TextStyle::kKeyword   ? 'k'
           : style == TextStyle::kType    ? 't'
           : style == TextStyle::kString  ? 's'
           : style == TextStyle::kNumber  ? 'n'
           : style == TextStyle::kComment ? 'c'
                                          : '.';
  }
  return out;
}

TEST(Highlight, TellsThePiecesOfAStatementApart) {
  EXPECT_EQ(Letters("SELECT a, 'x;y' from t"), "kkkkkk....sssss.kkkk..");
  EXPECT_EQ(Letters("id BIGINT, x 1.5e-3"), "...tttttt....nnnnnn");
  EXPECT_EQ(Letters("1 -- c\n2 /* /* */ x */"), "n.cccc.n.ccccccccccccc");
  EXPECT_EQ(Letters("E'a\\'b' $$x$$ \"select\""), "sssssss.sssss.........");
  EXPECT_EQ(Letters("t1 a2 $1"), "........");
}

TEST(Highlight, GoesOnToTheEndInOpenPieces) {
  EXPECT_EQ(Letters("'abc"), "ssss");
  EXPECT_EQ(Letters("/* x"), "cccc");
}

TEST(Highlight, LeavesNamesBehindADotAlone) { EXPECT_EQ(Letters("t.select"), "........"); }

TEST(Highlight, ColoursSqlBehindShellCommands) {
  EXPECT_EQ(Letters("\\select SELECT 1"), "........kkkkkk.n");
  EXPECT_EQ(Letters(""), "");
}

}  // namespace
}  // namespace kalamdb::cli
