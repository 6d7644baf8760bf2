#include "shard/batch_overlay.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace kalamdb::shard {
namespace {

TEST(BatchOverlay, TellsUntouchedFromRemoved) {
  BatchOverlay overlay;
  EXPECT_EQ(overlay.Find("a"), nullptr);
  overlay.Set("a", {});
  ASSERT_NE(overlay.Find("a"), nullptr);
  EXPECT_TRUE(overlay.Find("a")->empty());
  overlay.Clear();
  EXPECT_EQ(overlay.Find("a"), nullptr);
}

// Against a map that is copied at every mark: sets, rollbacks and clears in any order.
TEST(BatchOverlay, RollsBackToWhatItWas) {
  std::mt19937 random(7);
  std::vector<std::string> rows;
  for (int i = 0; i < 100; ++i) rows.push_back("row" + std::to_string(i));
  for (int round = 0; round < 50; ++round) {
    BatchOverlay overlay;
    using Model = std::map<std::string, std::string_view>;
    Model model;
    std::vector<std::pair<size_t, Model>> marks;
    const int keys = 1 + static_cast<int>(random() % 300);
    for (int step = 0; step < 600; ++step) {
      const uint32_t dice = random() % 20;
      if (dice == 0) {
        marks.emplace_back(overlay.size(), model);
      } else if (dice == 1 && !marks.empty()) {
        overlay.Rollback(marks.back().first);
        model = marks.back().second;
        marks.pop_back();
      } else if (dice == 2 && step % 7 == 0) {
        overlay.Clear();
        overlay.Shrink();
        model.clear();
        marks.clear();
      } else {
        const std::string key = "key" + std::to_string(random() % keys);
        const std::string& row = rows[random() % rows.size()];
        overlay.Set(key, row);
        model[key] = row;
      }
    }
    for (int k = 0; k < keys; ++k) {
      const std::string key = "key" + std::to_string(k);
      const std::string_view* found = overlay.Find(key);
      const auto expected = model.find(key);
      ASSERT_EQ(found != nullptr, expected != model.end()) << key;
      if (found != nullptr) {
        ASSERT_EQ(*found, expected->second);
      }
    }
  }
}

}  // namespace
}  // namespace kalamdb::shard
