#include "deploy/plan/plan.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/plan/search.h"

namespace mote::deploy {
namespace {

constexpr int kMendingRounds = 1000;
// What one question in one order may take at first.
constexpr int64_t kFirstPatience = 1'000'000;

int64_t rounded_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// A stretch of the timeline that no buffer crosses the ends of: solved by itself.
struct Part {
  std::vector<size_t> buffers;  // indices into the problem
  std::vector<Item> items;      // the same, in bytes rounded up to the alignment
  int64_t lower_bound = 0;
};

void check(const PlanProblem& problem) {
  if (problem.alignment_bytes < 1) throw Error(ErrorKind::internal, "alignment below 1");
  for (size_t i = 0; i < problem.buffers.size(); i++) {
    const PlanBuffer& b = problem.buffers[i];
    if (b.size_bytes < 0 || b.first_use > b.last_use)
      throw Error(ErrorKind::internal, fmt::format("buffer {} has {} bytes in steps [{}, {}]", i,
                                                   b.size_bytes, b.first_use, b.last_use));
  }
}

// Replaces steps by sections: the steps at which some buffer begins are all that matters, since the
// set of live buffers is largest there.
void compress_time(std::vector<Item>& items) {
  std::vector<int32_t> begins;
  for (const Item& item : items) begins.push_back(item.first);
  std::sort(begins.begin(), begins.end());
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
  const auto section = [&](int32_t step) {
    return static_cast<int32_t>(std::upper_bound(begins.begin(), begins.end(), step) -
                                begins.begin()) -
           1;
  };
  for (Item& item : items) {
    item.first = section(item.first);
    item.last = section(item.last);
  }
}

// `items` in sections.
int64_t lower_bound_of(const std::vector<Item>& items) {
  std::vector<int64_t> change(items.size() + 1);  // no more sections than items
  for (const Item& item : items) {
    change[static_cast<size_t>(item.first)] += item.size;
    change[static_cast<size_t>(item.last) + 1] -= item.size;
  }
  int64_t bound = 0, live = 0;
  for (const int64_t bytes : change) bound = std::max(bound, live += bytes);
  return bound;
}

std::vector<Part> split(const PlanProblem& problem) {
  std::vector<size_t> by_start;
  for (size_t i = 0; i < problem.buffers.size(); i++)
    if (problem.buffers[i].size_bytes > 0) by_start.push_back(i);
  std::stable_sort(by_start.begin(), by_start.end(), [&](size_t a, size_t b) {
    return problem.buffers[a].first_use < problem.buffers[b].first_use;
  });
  std::vector<Part> parts;
  int32_t end = 0;
  for (const size_t i : by_start) {
    const PlanBuffer& b = problem.buffers[i];
    if (parts.empty() || b.first_use > end) parts.emplace_back();
    end = parts.back().buffers.empty() ? b.last_use : std::max(end, b.last_use);
    parts.back().buffers.push_back(i);
    parts.back().items.push_back(
        {rounded_up(b.size_bytes, problem.alignment_bytes), b.first_use, b.last_use});
  }
  for (Part& part : parts) {
    compress_time(part.items);
    part.lower_bound = lower_bound_of(part.items);
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.lower_bound > b.lower_bound; });
  return parts;
}

// One question, asked in every order with ever more patience: what stalls in one order is often
// found or refuted at once in another.
SearchResult search_in_turn(const std::vector<Item>& items, int64_t capacity, int64_t work_limit) {
  const auto orders = search_orders(items);
  SearchResult result;
  int64_t work = 0;
  for (int64_t patience = kFirstPatience; work < work_limit; patience *= 10) {
    for (const auto& order : orders) {
      result = search(items, capacity, order, std::min(patience, work_limit - work));
      work += result.work;
      if (result.verdict != Verdict::gave_up || work >= work_limit) break;
    }
    if (result.verdict != Verdict::gave_up) break;
  }
  result.work = work;
  return result;
}

struct PartSolution {
  std::vector<int64_t> offsets;
  int64_t peak = 0;
  bool optimal = false;  // no plan of this part is lower, or needs to be
};

// A first plan: first fit in several orders, each mended by moving whatever reaches the peak to the
// front and starting again, until `enough` is met or the work is done. Cheap, and mostly already
// the best there is.
PartSolution solve_greedily(const std::vector<Item>& items, int64_t enough, int64_t work_limit,
                            int64_t& work) {
  PartSolution best;
  for (auto& order : search_orders(items)) {
    for (int round = 0; round < kMendingRounds; round++) {
      if (!best.offsets.empty() && work >= work_limit) return best;
      std::vector<int64_t> offsets = place_greedily(items, order, work);
      const int64_t peak = peak_of(items, offsets);
      const auto reaches_peak = [&](int32_t index) {
        const auto i = static_cast<size_t>(index);
        return offsets[i] + items[i].size == peak;
      };
      std::stable_partition(order.begin(), order.end(), reaches_peak);
      if (best.offsets.empty() || peak < best.peak) best = {std::move(offsets), peak, false};
      if (best.peak <= enough) return best;
    }
  }
  return best;
}

// The least capacity >= `enough` that the part fits into: tries `enough` itself, then bisects
// between what is refuted and the best plan known. Every address is a sum of sizes, so capacities
// go in steps of their greatest common divisor.
PartSolution solve(const Part& part, int64_t enough, int64_t& work) {
  const int64_t half = work + (kPlanWorkLimit - work) / 2;  // the other half is the search's
  PartSolution best = solve_greedily(part.items, enough, half, work);
  int64_t step = 0;
  for (const Item& item : part.items) step = std::gcd(step, item.size);
  int64_t low = enough / step * step;  // the least capacity that is not ruled out
  bool proven = true;
  for (int64_t capacity = low; low < best.peak;
       capacity = rounded_up((low + best.peak) / 2, step)) {
    if (capacity >= best.peak) capacity = best.peak - step;
    SearchResult result = search_in_turn(part.items, capacity, (kPlanWorkLimit - work) / 2);
    work += result.work;
    if (result.verdict == Verdict::fits) {
      best.peak = peak_of(part.items, result.offsets);
      best.offsets = std::move(result.offsets);
    } else {
      proven = result.verdict == Verdict::does_not_fit;  // and so is everything below
      low = capacity + step;
    }
  }
  best.optimal = proven;
  return best;
}

}  // namespace

PlanSolution plan(const PlanProblem& problem) {
  check(problem);
  PlanSolution solution;
  solution.offset_bytes.assign(problem.buffers.size(), 0);
  solution.optimal = true;
  const std::vector<Part> parts = split(problem);
  int64_t peak = 0;
  for (const Part& part : parts) {
    const PartSolution solved = solve(part, std::max(part.lower_bound, peak), solution.work);
    for (size_t i = 0; i < part.buffers.size(); i++)
      solution.offset_bytes[part.buffers[i]] = static_cast<int32_t>(solved.offsets[i]);
    peak = std::max(peak, solved.peak);
    solution.optimal = solution.optimal && solved.optimal;
  }
  if (peak > INT32_MAX)
    throw Error(ErrorKind::unsupported,
                fmt::format("the arena would take {} bytes; up to {} do", peak, INT32_MAX));
  solution.peak_bytes = static_cast<int32_t>(peak);
  const int64_t bound = parts.empty() ? 0 : parts.front().lower_bound;
  solution.lower_bound_bytes = static_cast<int32_t>(bound);
  solution.optimal = solution.optimal || solution.peak_bytes == solution.lower_bound_bytes;
  return solution;
}

}  // namespace mote::deploy
