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
         int64_t work_limit)
      : items_(items), capacity_(capacity), order_(order), work_left_(work_limit) {
    int32_t sections = 0;
    for (const Item& item : items) sections = std::max(sections, item.last + 1);
    floor_.assign(static_cast<size_t>(sections), 0);
    offsets_.assign(items.size(), kUnplaced);
  }

  SearchResult run(int64_t work_limit) {
    const bool fits = possible(0) && place_all();
    SearchResult result;
    result.verdict =
        fits ? Verdict::fits : (work_left_ < 0 ? Verdict::gave_up : Verdict::does_not_fit);
    if (fits) result.offsets = offsets_;
    result.work = work_limit - work_left_;
    return result;
  }

 private:
  static constexpr int64_t kUnplaced = -1;

  // One item on its place: what is needed to take it back and to try the next in the order.
  struct Placement {
    size_t position;  // in the order
    size_t item;
    int64_t address;
    size_t covered;  // how many floors were kept before it
  };

  size_t item_at(size_t position) const { return static_cast<size_t>(order_[position]); }

  int64_t lowest(const Item& item) {
    work_left_ -= item.last - item.first + 1;
    return *std::max_element(floor_.begin() + item.first, floor_.begin() + item.last + 1);
  }

  // The bound: in no section may the waste below plus everything still to come exceed the capacity.
  // What is still to come there starts at `address` or above, and at the lowest place it can have.
  bool possible(int64_t address) {
    lowest_start_.assign(floor_.size(), capacity_);
    waiting_.assign(floor_.size(), 0);
    work_left_ -= static_cast<int64_t>(items_.size() + floor_.size());
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
  bool dominated(const Item& item, int64_t address) {
    for (size_t i = 0; i < items_.size(); i++) {
      work_left_--;
      if (offsets_[i] == kUnplaced && items_[i].meets(item) &&
          lowest(items_[i]) + items_[i].size <= address)
        return true;
    }
    return false;
  }

  bool place_all() {
    size_t next = 0;  // in the order: what to try above all that is placed
    while (placed_.size() < items_.size()) {
      if (work_left_ < 0) return false;
      if (next == order_.size()) {
        if (placed_.empty()) return false;
        next = placed_.back().position + 1;
        take_back();
      } else if (!place(next++)) {
        continue;
      } else if (end_ <= capacity_ && possible(placed_.back().address)) {
        next = 0;
      } else {
        take_back();
      }
    }
    return true;
  }

  // False where the item lies already, or where others should come before it.
  bool place(size_t position) {
    work_left_--;
    const size_t i = item_at(position);
    if (offsets_[i] != kUnplaced) return false;
    const Item& item = items_[i];
    const int64_t address = lowest(item);
    if (!placed_.empty() && (address < placed_.back().address ||
                             (address == placed_.back().address && i < placed_.back().item)))
      return false;
    if (dominated(item, address)) return false;
    const auto begin = floor_.begin() + item.first;
    const auto end = floor_.begin() + item.last + 1;
    placed_.push_back({position, i, address, covered_.size()});
    covered_.insert(covered_.end(), begin, end);
    end_ = address + item.size;
    std::fill(begin, end, end_);
    offsets_[i] = address;
    return true;
  }

  void take_back() {
    const Placement& last = placed_.back();
    const auto kept = covered_.begin() + static_cast<std::ptrdiff_t>(last.covered);
    std::copy(kept, covered_.end(), floor_.begin() + items_[last.item].first);
    covered_.erase(kept, covered_.end());
    offsets_[last.item] = kUnplaced;
    placed_.pop_back();
  }

  const std::vector<Item>& items_;
  const int64_t capacity_;
  const std::vector<int32_t>& order_;
  int64_t work_left_;
  std::vector<int64_t> floor_;     // by section: the first address above everything placed
  std::vector<int64_t> offsets_;   // by item
  std::vector<Placement> placed_;  // ascending by (address, item)
  std::vector<int64_t> covered_;   // the floors under each of them, one after the other
  int64_t end_ = 0;                // of the last one
  std::vector<int64_t> lowest_start_, waiting_;  // by section; kept to spare allocations
};

}  // namespace

SearchResult search(const std::vector<Item>& items, int64_t capacity,
                    const std::vector<int32_t>& order, int64_t work_limit) {
  return Search(items, capacity, order, work_limit).run(work_limit);
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
                                    const std::vector<int32_t>& order, int64_t& work) {
  std::vector<int64_t> offsets(items.size(), 0);
  std::vector<size_t> placed;  // by ascending offset
  for (const int32_t index : order) {
    const Item& item = items[static_cast<size_t>(index)];
    int64_t offset = 0;
    work += static_cast<int64_t>(placed.size());
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
