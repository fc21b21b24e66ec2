#include "compress/search/knapsack.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <tuple>

namespace mote::compress {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();
// Sums of the same losses in another order differ by less than this share of them.
constexpr double kSumError = 1e-12;

// A step along the lower convex hull of a group's choices.
struct Upgrade {
  size_t group;
  size_t choice;  // that it leads to
  int64_t bytes;  // more
  double gain;    // of loss

  double slope() const { return gain / static_cast<double>(bytes); }
};

bool smaller(const KnapsackChoice& a, const KnapsackChoice& b) {
  return std::tie(a.bytes, a.loss) < std::tie(b.bytes, b.loss);
}

size_t smallest_choice(const KnapsackGroup& group) {
  return static_cast<size_t>(std::ranges::min_element(group, smaller) - group.begin());
}

// From the smallest choice on, always the step that gains most for its bytes.
std::vector<Upgrade> hull_of(size_t index, const KnapsackGroup& group) {
  std::vector<Upgrade> steps;
  KnapsackChoice at = group[smallest_choice(group)];
  while (true) {
    Upgrade best{index, 0, 0, 0};
    for (size_t c = 0; c < group.size(); c++) {
      const Upgrade step{index, c, group[c].bytes - at.bytes, at.loss - group[c].loss};
      if (step.bytes <= 0 || step.gain <= 0) continue;
      if (best.bytes == 0 || step.slope() > best.slope() ||
          (step.slope() == best.slope() && step.bytes > best.bytes))
        best = step;
    }
    if (best.bytes == 0) return steps;
    steps.push_back(best);
    at = group[best.choice];
  }
}

// The least loss of groups [first, ..) where a choice may be taken in part, within so many bytes:
// no selection has less. Piecewise linear and convex.
class Bound {
 public:
  Bound(std::span<const KnapsackGroup> groups, std::span<const Upgrade> steps, size_t first) {
    int64_t bytes = 0;
    double loss = 0;
    for (const KnapsackGroup& group : groups.subspan(first)) {
      const KnapsackChoice& choice = group[smallest_choice(group)];
      bytes += choice.bytes;
      loss += choice.loss;
    }
    corners_.push_back({bytes, loss});
    for (const Upgrade& step : steps) {
      if (step.group < first) continue;
      corners_.push_back({corners_.back().bytes + step.bytes, corners_.back().loss - step.gain});
    }
  }

  double within(int64_t bytes) const {
    if (bytes < corners_.front().bytes) return kUnbounded;
    const auto after = std::ranges::upper_bound(corners_, bytes, {}, &KnapsackChoice::bytes);
    const KnapsackChoice& below = *(after - 1);
    if (after == corners_.end()) return below.loss;
    const double share =
        static_cast<double>(bytes - below.bytes) / static_cast<double>(after->bytes - below.bytes);
    return below.loss - share * (below.loss - after->loss);
  }

 private:
  std::vector<KnapsackChoice> corners_;
};

KnapsackSelection selection_of(std::span<const KnapsackGroup> groups, std::vector<size_t> choices) {
  KnapsackSelection selection{std::move(choices)};
  for (size_t g = 0; g < groups.size(); g++) {
    const KnapsackChoice& choice = groups[g][selection.choices[g]];
    selection.bytes += choice.bytes;
    selection.loss += choice.loss;
  }
  return selection;
}

// A loss that `count` selections do not exceed: of one that takes the steps that fit, in their
// order, and of its neighbours, which differ in one choice.
double reachable_loss(std::span<const KnapsackGroup> groups, std::span<const Upgrade> steps,
                      int64_t budget_bytes, size_t count) {
  std::vector<size_t> choices;
  for (const KnapsackGroup& group : groups) choices.push_back(smallest_choice(group));
  KnapsackSelection greedy = selection_of(groups, choices);
  if (greedy.bytes > budget_bytes) return kUnbounded;
  for (const Upgrade& step : steps) {
    std::vector<size_t> trial = greedy.choices;
    trial[step.group] = step.choice;
    KnapsackSelection next = selection_of(groups, std::move(trial));
    if (next.bytes <= budget_bytes && next.loss < greedy.loss) greedy = std::move(next);
  }
  std::vector<double> losses{greedy.loss};
  for (size_t g = 0; g < groups.size(); g++)
    for (size_t c = 0; c < groups[g].size(); c++) {
      if (c == greedy.choices[g]) continue;
      std::vector<size_t> trial = greedy.choices;
      trial[g] = c;
      const KnapsackSelection neighbour = selection_of(groups, std::move(trial));
      if (neighbour.bytes <= budget_bytes) losses.push_back(neighbour.loss);
    }
  if (losses.size() < count) return kUnbounded;
  std::ranges::nth_element(losses, losses.begin() + static_cast<ptrdiff_t>(count) - 1);
  return losses[count - 1];
}

// Choices of the first groups; `before` is the state without the last one.
struct Partial {
  int64_t bytes;
  double loss;
  size_t before;
  size_t choice;
};

// Those that fewer than `count` others dominate: what completes a state completes those as well.
void keep_undominated(std::vector<Partial>& states, size_t count) {
  std::ranges::sort(
      states, {}, [](const Partial& s) { return std::tuple(s.bytes, s.loss, s.before, s.choice); });
  std::multiset<double> best;  // the least losses so far
  std::erase_if(states, [&](const Partial& state) {
    if (best.size() == count && *best.rbegin() <= state.loss) return true;
    best.insert(state.loss);
    if (best.size() > count) best.erase(std::prev(best.end()));
    return false;
  });
}

}  // namespace

int64_t least_bytes(std::span<const KnapsackGroup> groups) {
  int64_t bytes = 0;
  for (const KnapsackGroup& group : groups) bytes += group[smallest_choice(group)].bytes;
  return bytes;
}

std::vector<KnapsackSelection> best_selections(std::span<const KnapsackGroup> groups,
                                               int64_t budget_bytes, size_t count) {
  if (count == 0) return {};
  std::vector<Upgrade> steps;
  for (size_t g = 0; g < groups.size(); g++)
    for (const Upgrade& step : hull_of(g, groups[g])) steps.push_back(step);
  std::ranges::stable_sort(steps, std::greater{}, &Upgrade::slope);
  const double reachable = reachable_loss(groups, steps, budget_bytes, count);

  std::vector<std::vector<Partial>> states{{{0, 0, 0, 0}}};  // by number of groups
  double magnitude = 0;                                      // of the sums
  for (const KnapsackGroup& group : groups)
    for (const KnapsackChoice& choice : group) magnitude += std::abs(choice.loss);
  for (size_t g = 0; g < groups.size(); g++) {
    const Bound rest(groups, steps, g + 1);
    std::vector<Partial> next;
    for (size_t s = 0; s < states[g].size(); s++)
      for (size_t c = 0; c < groups[g].size(); c++) {
        const Partial& at = states[g][s];
        const Partial state{at.bytes + groups[g][c].bytes, at.loss + groups[g][c].loss, s, c};
        if (state.bytes > budget_bytes) continue;
        const double least = state.loss + rest.within(budget_bytes - state.bytes);
        if (least == kUnbounded || least > reachable + kSumError * magnitude) continue;
        next.push_back(state);
      }
    keep_undominated(next, count);
    states.push_back(std::move(next));
  }

  std::vector<KnapsackSelection> selections;
  for (const Partial& last : states.back()) {
    if (last.bytes > budget_bytes) continue;  // of no groups at all
    std::vector<size_t> choices(groups.size());
    Partial state = last;
    for (size_t g = groups.size(); g-- > 0; state = states[g][state.before])
      choices[g] = state.choice;
    selections.push_back(selection_of(groups, std::move(choices)));
  }
  std::ranges::sort(selections, {}, [](const KnapsackSelection& s) {
    return std::tie(s.loss, s.bytes, s.choices);
  });
  if (selections.size() > count) selections.resize(count);
  return selections;
}

}  // namespace mote::compress
