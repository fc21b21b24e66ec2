#include "compress/search/knapsack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "base/random.h"

namespace mote::compress {
namespace {

// All that fit, the best first.
std::vector<KnapsackSelection> all_selections(const std::vector<KnapsackGroup>& groups,
                                              int64_t budget_bytes) {
  std::vector<KnapsackSelection> all{{}};
  for (const KnapsackGroup& group : groups) {
    std::vector<KnapsackSelection> next;
    for (const KnapsackSelection& selection : all)
      for (size_t c = 0; c < group.size(); c++) {
        KnapsackSelection more = selection;
        more.choices.push_back(c);
        more.bytes += group[c].bytes;
        more.loss += group[c].loss;
        next.push_back(std::move(more));
      }
    all = std::move(next);
  }
  std::erase_if(all, [&](const KnapsackSelection& s) { return s.bytes > budget_bytes; });
  std::ranges::sort(
      all, {}, [](const KnapsackSelection& s) { return std::tie(s.loss, s.bytes, s.choices); });
  return all;
}

// Losses are whole numbers, so that sums are exact; `tied`: few of them, so that many are equal.
std::vector<KnapsackGroup> random_groups(Random& random, bool tied) {
  std::vector<KnapsackGroup> groups(1 + random.below(6));
  for (KnapsackGroup& group : groups) {
    group.resize(1 + random.below(7));
    for (KnapsackChoice& choice : group)
      choice = {static_cast<int64_t>(random.below(tied ? 5 : 1000)),
                static_cast<double>(random.below(tied ? 5 : 100000)) - 2};
  }
  return groups;
}

TEST(Knapsack, FindsWhatAllSelectionsSay) {
  Random random(1, "knapsack");
  size_t reached = 0;
  for (int32_t instance = 0; instance < 400; instance++) {
    const std::vector<KnapsackGroup> groups = random_groups(random, instance % 2 == 0);
    const auto budget = static_cast<int64_t>(random.below(instance % 2 == 0 ? 20 : 4000));
    const size_t count = 1 + random.below(8);
    const std::vector<KnapsackSelection> all = all_selections(groups, budget);
    const std::vector<KnapsackSelection> found = best_selections(groups, budget, count);
    ASSERT_EQ(found.size(), std::min(count, all.size())) << instance;
    reached += found.empty() ? 0 : 1;
    EXPECT_EQ(all.empty(), least_bytes(groups) > budget);
    std::vector<std::vector<size_t>> seen;
    for (size_t i = 0; i < found.size(); i++) {
      EXPECT_EQ(found[i].loss, all[i].loss) << instance;
      EXPECT_LE(found[i].bytes, budget);
      KnapsackSelection sum;
      for (size_t g = 0; g < groups.size(); g++) {
        sum.bytes += groups[g].at(found[i].choices.at(g)).bytes;
        sum.loss += groups[g][found[i].choices[g]].loss;
      }
      EXPECT_EQ(std::tie(sum.bytes, sum.loss), std::tie(found[i].bytes, found[i].loss));
      EXPECT_EQ(std::ranges::count(seen, found[i].choices), 0) << "twice the same";
      seen.push_back(found[i].choices);
    }
    if (found.empty()) continue;
    EXPECT_EQ(found[0].bytes, all[0].bytes) << "of equal loss the smallest";
  }
  EXPECT_GT(reached, 200u);
  EXPECT_LT(reached, 400u);
}

// A greedy choice by loss for a byte takes the first group's step and has no room for the second.
TEST(Knapsack, IsNotGreedy) {
  const std::vector<KnapsackGroup> groups{{{0, 10}, {6, 1}}, {{0, 20}, {10, 6}}};
  EXPECT_EQ(best_selections(groups, 10, 1).at(0).choices, (std::vector<size_t>{0, 1}));
}

// 7^60 selections of real bytes: only those that can still win are looked at.
TEST(Knapsack, ManyLayersTakeNoTime) {
  Random random(2, "knapsack");
  std::vector<KnapsackGroup> groups(60);
  for (KnapsackGroup& group : groups) {
    const auto weights = static_cast<int64_t>(1000 + random.below(100000));
    const double weight = 1 + static_cast<double>(random.below(1000));
    for (int32_t bits = 2; bits <= 8; bits++)
      group.push_back({weights * bits / 8 + static_cast<int64_t>(random.below(100)),
                       weight / static_cast<double>(1 << (2 * bits))});
  }
  const int64_t budget = least_bytes(groups) * 2;
  const std::vector<KnapsackSelection> found = best_selections(groups, budget, 8);
  ASSERT_EQ(found.size(), 8u);
  EXPECT_LE(found[0].bytes, budget);
  // What one group alone could do better, it did.
  for (size_t g = 0; g < groups.size(); g++)
    for (const KnapsackChoice& choice : groups[g]) {
      const KnapsackChoice& chosen = groups[g][found[0].choices[g]];
      const bool fits = found[0].bytes - chosen.bytes + choice.bytes <= budget;
      EXPECT_TRUE(!fits || choice.loss >= chosen.loss);
    }
}

TEST(Knapsack, NothingFitsOrThereIsNothingToChoose) {
  const std::vector<KnapsackGroup> groups{{{5, 1}, {7, 0}}};
  EXPECT_TRUE(best_selections(groups, 4, 3).empty());
  EXPECT_EQ(least_bytes(groups), 5);
  EXPECT_EQ(best_selections({}, 0, 3).size(), 1u);
  EXPECT_TRUE(best_selections(groups, 9, 0).empty());
}

}  // namespace
}  // namespace mote::compress
