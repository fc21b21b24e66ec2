// The exact half of planning: does a set of buffers fit below a capacity? Depth-first over
// placements in ascending address order. Outside interface: plan.h. Tested by plan_test.cc.
#pragma once

#include <cstdint>
#include <vector>

namespace mote::deploy {

// A buffer in time sections [first, last] (indices of pieces of the timeline in which the set of
// live buffers does not change) and in units of memory.
struct Item {
  int64_t size = 0;
  int32_t first = 0;
  int32_t last = 0;

  bool meets(const Item& other) const { return first <= other.last && other.first <= last; }
  int64_t area() const { return size * (last - first + 1); }
};

enum class Verdict { fits, does_not_fit, gave_up };

struct SearchResult {
  Verdict verdict = Verdict::gave_up;
  std::vector<int64_t> offsets;  // where it fits
  int64_t work = 0;              // looks at an item or a section, counted
};

// Decides whether the items fit into [0, capacity), or gives up once the work exceeds the limit;
// what a single placement costs may come on top. `order` is the order in which items are tried.
SearchResult search(const std::vector<Item>& items, int64_t capacity,
                    const std::vector<int32_t>& order, int64_t work_limit);

// The items by descending size, area and lifetime: orders worth trying, also for greedy placement.
std::vector<std::vector<int32_t>> search_orders(const std::vector<Item>& items);

// First fit in the given order: always an answer, often not the best. Adds to `work` how many items
// were looked at, at most half the square of their number.
std::vector<int64_t> place_greedily(const std::vector<Item>& items,
                                    const std::vector<int32_t>& order, int64_t& work);
int64_t peak_of(const std::vector<Item>& items, const std::vector<int64_t>& offsets);

}  // namespace mote::deploy
