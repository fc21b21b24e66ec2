#include "deploy/plan/search.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace mote::deploy {
namespace {

// Any plan can be pushed down until every item rests on another one or on address 0, so placing
// items in ascending (address, index) order, each at the lowest address that its time sections
// still have free, misses no solution.
class Search {
 public:
  Search(const std::vector<Item>& items, int64_t capacity, const std::vector<int32_t>& order,
         int64_t node_limit)
      : items_(items), capacity_(capacity), order_(order), nodes_left_(node_limit) {
    int32_t sections = 0;
    for (const Item& item : items) sections = std::max(sections, item.last + 1);
    floor_.assign(static_cast<size_t>(sections), 0);
    offsets_.assign(items.size(), kUnplaced);
  }

  SearchResult run(int64_t node_limit) {
    const bool fits = possible(0) && extend(0, 0, -1);
    SearchResult result;
    result.verdict =
        fits ? Verdict::fits : (nodes_left_ < 0 ? Verdict::gave_up : Verdict::does_not_fit);
    if (fits) result.offsets = offsets_;
    result.nodes = node_limit - std::max<int64_t>(nodes_left_, 0);
    return result;
  }

 private:
  static constexpr int64_t kUnplaced = -1;

  int64_t lowest(const Item& item) const {
    return *std::max_element(floor_.begin() + item.first, floor_.begin() + item.last + 1);
  }

  // The bound: in no section may the waste below plus everything still to come exceed the capacity.
  // What is still to come there starts at `address` or above, and at the lowest place it can have.
  bool possible(int64_t address) {
    lowest_start_.assign(floor_.size(), capacity_);
    waiting_.assign(floor_.size(), 0);
    for (size_t i = 0; i < items_.size(); i++) {
      if (offsets_[i] != kUnplaced) continue;
      const int64_t start = std::max(address, lowest(items_[i]));
      for (auto s = static_cast<size_t>(items_[i].first); s <= static_cast<size_t>(items_[i].last);
           s++) {
        lowest_start_[s] = std::min(lowest_start_[s], start);
        waiting_[s] += items_[i].size;
      }
    }
    for (size_t s = 0; s < floor_.size(); s++)
      if (waiting_[s] > 0 && lowest_start_[s] + waiting_[s] > capacity_) return false;
    return true;
  }

  // A solution with the item at `address` while one that meets it could lie entirely below would
  // stay one with that other moved down; the search finds that better one elsewhere.
  bool dominated(const Item& item, int64_t address) const {
    for (size_t i = 0; i < items_.size(); i++)
      if (offsets_[i] == kUnplaced && items_[i].meets(item) &&
          lowest(items_[i]) + items_[i].size <= address)
        return true;
    return false;
  }

  bool extend(size_t placed, int64_t last_address, int32_t last_index) {
    if (placed == items_.size()) return true;
    for (const int32_t index : order_) {
      const auto i = static_cast<size_t>(index);
      if (offsets_[i] != kUnplaced) continue;
      const int64_t address = lowest(items_[i]);
      if (address < last_address || (address == last_address && index < last_index)) continue;
      if (dominated(items_[i], address)) continue;
      if (--nodes_left_ < 0) return false;
      if (place(placed, i, address)) return true;
      if (nodes_left_ < 0) return false;
    }
    return false;
  }

  bool place(size_t placed, size_t i, int64_t address) {
    const Item& item = items_[i];
    const auto begin = floor_.begin() + item.first;
    const auto end = floor_.begin() + item.last + 1;
    const std::vector<int64_t> before(begin, end);
    std::fill(begin, end, address + item.size);
    offsets_[i] = address;
    if (address + item.size <= capacity_ && possible(address) &&
        extend(placed + 1, address, static_cast<int32_t>(i)))
      return true;
    offsets_[i] = kUnplaced;
    std::copy(before.begin(), before.end(), floor_.begin() + item.first);
    return false;
  }

  const std::vector<Item>& items_;
  const int64_t capacity_;
  const std::vector<int32_t>& order_;
  int64_t nodes_left_;
  std::vector<int64_t> floor_;    // by section: the first address above everything placed
  std::vector<int64_t> offsets_;  // by item
  std::vector<int64_t> lowest_start_, waiting_;  // by section; kept to spare allocations
};

}  // namespace

SearchResult search(const std::vector<Item>& items, int64_t capacity,
                    const std::vector<int32_t>& order, int64_t node_limit) {
  return Search(items, capacity, order, node_limit).run(node_limit);
}

std::vector<std::vector<int32_t>> search_orders(const std::vector<Item>& items) {
  const std::function<int64_t(const Item&)> keys[] = {
      [](const Item& item) { return item.size; },
      [](const Item& item) { return item.area(); },
      [](const Item& item) { return int64_t{item.last} - item.first; },
  };
  std::vector<std::vector<int32_t>> orders;
  for (const auto& key : keys) {
    std::vector<int32_t> order(items.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return key(items[static_cast<size_t>(a)]) > key(items[static_cast<size_t>(b)]);
    });
    orders.push_back(std::move(order));
  }
  return orders;
}

std::vector<int64_t> place_greedily(const std::vector<Item>& items,
                                    const std::vector<int32_t>& order) {
  std::vector<int64_t> offsets(items.size(), 0);
  std::vector<size_t> placed;  // by ascending offset
  for (const int32_t index : order) {
    const Item& item = items[static_cast<size_t>(index)];
    int64_t offset = 0;
    for (const size_t other : placed) {
      if (!items[other].meets(item)) continue;
      if (offset + item.size <= offsets[other]) break;
      offset = std::max(offset, offsets[other] + items[other].size);
    }
    offsets[static_cast<size_t>(index)] = offset;
    const auto above = [&](int64_t value, size_t other) { return value < offsets[other]; };
    placed.insert(std::upper_bound(placed.begin(), placed.end(), offset, above),
                  static_cast<size_t>(index));
  }
  return offsets;
}

int64_t peak_of(const std::vector<Item>& items, const std::vector<int64_t>& offsets) {
  int64_t peak = 0;
  for (size_t i = 0; i < items.size(); i++) peak = std::max(peak, offsets[i] + items[i].size);
  return peak;
}

}  // namespace mote::deploy
