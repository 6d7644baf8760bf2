#include "live/inbox.h"

#include <gtest/gtest.h>

namespace kalamdb::live {
namespace {

class InboxTest : public testing::Test {
 protected:
  shard::ChangeSetPtr Set(const std::string& owner, size_t bytes) {
    auto set = std::make_shared<shard::ChangeSet>();
    auto table = std::make_shared<catalog::TableInfo>();
    table->id = 7;
    set->table = table;
    set->owner = owner;
    set->changes.emplace_back().new_row.assign(bytes, 'x');
    return set;
  }
  // Names the items in order: an owner, or `lost` and the owner.
  std::string Drain() {
    std::string out;
    while (auto item = inbox_.Pop()) {
      if (const auto* set = std::get_if<shard::ChangeSetPtr>(&*item)) {
        out += (*set)->owner + " ";
        inbox_.Release(**set);
      } else {
        out += "lost " + std::get<Inbox::Lost>(*item).feed.owner + " ";
      }
    }
    return out;
  }
  Inbox inbox_;
};

constexpr size_t kMiB = 1 << 20;

TEST_F(InboxTest, TellsTheReaderOnceUntilItFindsNothing) {
  EXPECT_TRUE(inbox_.Push(Set("a", 10)));
  EXPECT_FALSE(inbox_.Push(Set("b", 10)));
  EXPECT_EQ(Drain(), "a b ");
  EXPECT_TRUE(inbox_.Push(Set("c", 10)));
}

TEST_F(InboxTest, DropsBeyondItsBoundAndMarksThePlaceOnce) {
  std::ignore = inbox_.Push(Set("a", 10 * kMiB));
  std::ignore = inbox_.Push(Set("b", 10 * kMiB));
  std::ignore = inbox_.Push(Set("c", kMiB));
  std::ignore = inbox_.Push(Set("b", 10 * kMiB));
  EXPECT_EQ(Drain(), "a lost b c ");
  std::ignore = inbox_.Push(Set("b", 10 * kMiB));
  EXPECT_EQ(Drain(), "b ");
}

TEST_F(InboxTest, CountsASetThatIsBeingWorkedOff) {
  std::ignore = inbox_.Push(Set("a", 10 * kMiB));
  const auto in_hand = std::get<shard::ChangeSetPtr>(*inbox_.Pop());
  std::ignore = inbox_.Push(Set("b", 10 * kMiB));
  EXPECT_EQ(Drain(), "lost b ");
  inbox_.Release(*in_hand);
  std::ignore = inbox_.Push(Set("b", 10 * kMiB));
  EXPECT_EQ(Drain(), "b ");
}

TEST_F(InboxTest, OneSetAloneMayBeLarger) {
  std::ignore = inbox_.Push(Set("a", 40 * kMiB));
  EXPECT_EQ(Drain(), "a ");
}

}  // namespace
}  // namespace kalamdb::live
