// The multiple-choice knapsack: of each group one choice, within so many bytes, for the least sum
// of losses. Pure and exact. Tested by knapsack_test.cc, against all selections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mote::compress {

struct KnapsackChoice {
  int64_t bytes = 0;  // not negative
  double loss = 0;    // finite
};
using KnapsackGroup = std::vector<KnapsackChoice>;  // not empty

struct KnapsackSelection {
  std::vector<size_t> choices;  // by group
  int64_t bytes = 0;
  double loss = 0;
};

// The `count` selections of the least loss within the budget, or as many as there are, the best
// first; where several have the least, that of the fewest bytes.
std::vector<KnapsackSelection> best_selections(std::span<const KnapsackGroup> groups,
                                               int64_t budget_bytes, size_t count);

// The bytes of the smallest selection.
int64_t least_bytes(std::span<const KnapsackGroup> groups);

}  // namespace mote::compress
