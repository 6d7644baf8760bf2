// Promises of schemas.
#include "types/schema.h"

#include <gtest/gtest.h>

namespace kalamdb {
namespace {

Column Of(uint32_t id, std::string name, bool primary_key = false) {
  Column c;
  c.id = id;
  c.name = std::move(name);
  c.type = DataType::Of(TypeKind::kText);
  c.primary_key = primary_key;
  return c;
}

TEST(Schema, FindsColumnsByNameAndId) {
  const Schema schema(
      3, {Of(4, "a"), Of(2, "id", true), Of(9, "_seq"), Of(10, "_deleted"), Of(7, "b")});
  EXPECT_EQ(schema.version(), 3u);
  EXPECT_EQ(schema.Find("id"), 1u);
  EXPECT_EQ(schema.Find("ID"), std::nullopt) << "names are given in lower case";
  EXPECT_EQ(schema.Find(""), std::nullopt);
  EXPECT_EQ(schema.FindById(7), 4u);
  EXPECT_EQ(schema.FindById(1), std::nullopt);
  EXPECT_EQ(schema.primary_key(), 1u);
  EXPECT_EQ(schema.seq_ordinal(), 2u);
  EXPECT_EQ(schema.deleted_ordinal(), 3u);
}

TEST(Schema, GivesSlotsToAllButTheSystemColumns) {
  const Schema schema(1, {Of(1, "a"), Of(2, "_seq"), Of(3, "_deleted"), Of(4, "b")});
  EXPECT_EQ(schema.stored(), (std::vector<uint16_t>{0, 3}));
  EXPECT_EQ(schema.slot(0), 0);
  EXPECT_EQ(schema.slot(1), -1);
  EXPECT_EQ(schema.slot(2), -1);
  EXPECT_EQ(schema.slot(3), 1);
}

TEST(Schema, HasNoKeyWhenNoColumnIsOne) {
  const Schema schema(1, {Of(1, "a")});
  EXPECT_EQ(schema.primary_key(), std::nullopt);
  EXPECT_EQ(schema.seq_ordinal(), schema.size());
}

TEST(Schema, CountsTheTextItHolds) {
  const Schema small(1, {Of(1, "a")});
  const Schema large(1, {Of(1, std::string(1000, 'a'))});
  EXPECT_GE(large.memory_bytes(), small.memory_bytes() + 1000);
}

}  // namespace
}  // namespace kalamdb
