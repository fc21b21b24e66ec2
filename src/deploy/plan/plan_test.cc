#include "deploy/plan/plan.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

#include <gtest/gtest.h>

#include "base/error.h"
#include "deploy/plan/search.h"

namespace mote::deploy {
namespace {

// The least peak by definition: an optimal plan can be pushed down until it is what some
// permutation gives when each buffer goes on top of those that it meets.
int32_t brute_force_peak(const PlanProblem& problem) {
  std::vector<size_t> order(problem.buffers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  int32_t best = INT32_MAX;
  do {
    std::vector<int32_t> tops(order.size(), 0);
    int32_t peak = 0;
    for (size_t i = 0; i < order.size(); i++) {
      const PlanBuffer& buffer = problem.buffers[order[i]];
      int32_t offset = 0;
      for (size_t j = 0; j < i; j++) {
        const PlanBuffer& below = problem.buffers[order[j]];
        if (below.first_use <= buffer.last_use && buffer.first_use <= below.last_use)
          offset = std::max(offset, tops[j]);
      }
      const int32_t unit = problem.alignment_bytes;
      tops[i] = offset + (buffer.size_bytes + unit - 1) / unit * unit;
      peak = std::max(peak, tops[i]);
    }
    best = std::min(best, peak);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

PlanProblem random_problem(std::mt19937& generator, int count, int steps, int max_size) {
  PlanProblem problem;
  std::uniform_int_distribution<int> step(0, steps - 1), size(1, max_size);
  for (int i = 0; i < count; i++) {
    const int a = step(generator), b = step(generator);
    problem.buffers.push_back({size(generator), std::min(a, b), std::max(a, b)});
  }
  return problem;
}

// Buffers that fill `capacity` at every step: nothing can be wasted, so most orders fail.
PlanProblem full_problem(std::mt19937& generator, int capacity, int steps) {
  PlanProblem problem{{}, 1};
  std::vector<size_t> live;
  int used = 0;
  for (int step = 0; step < steps; step++) {
    for (const size_t i : std::exchange(live, {})) {
      if (step > 0 && generator() % 3 == 0) {
        problem.buffers[i].last_use = step - 1;
        used -= problem.buffers[i].size_bytes;
      } else {
        live.push_back(i);
      }
    }
    while (used < capacity) {
      const int size = std::min(1 + static_cast<int>(generator() % 4), capacity - used);
      live.push_back(problem.buffers.size());
      problem.buffers.push_back({size, step, steps - 1});
      used += size;
    }
  }
  return problem;
}

TEST(Plan, EmptyProblemTakesNothing) {
  const PlanSolution solution = plan({});
  EXPECT_EQ(solution.peak_bytes, 0);
  EXPECT_TRUE(solution.optimal);
}

TEST(Plan, ChainMeetsItsBound) {
  const PlanProblem problem{{{3072, 0, 0}, {16384, 0, 1}, {16384, 1, 2}, {8192, 2, 3}, {10, 3, 3}}};
  const PlanSolution solution = plan(problem);
  validate(problem, solution);
  EXPECT_EQ(solution.lower_bound_bytes, 32768);
  EXPECT_EQ(solution.peak_bytes, 32768);
  EXPECT_TRUE(solution.optimal);
}

TEST(Plan, BuffersThatNeverMeetShareTheirBytes) {
  const PlanProblem problem{{{100, 0, 1}, {100, 2, 3}, {50, 4, 4}, {0, 0, 4}}};
  const PlanSolution solution = plan(problem);
  validate(problem, solution);
  EXPECT_EQ(solution.peak_bytes, 112);  // 100 rounded up to the alignment
}

TEST(Plan, FindsWhatGreedyMisses) {
  const PlanProblem problem{{{5, 1, 4}, {2, 3, 3}, {5, 0, 2}, {4, 3, 3}, {4, 2, 3}}, 1};
  std::vector<Item> items;
  for (const PlanBuffer& b : problem.buffers)
    items.push_back({b.size_bytes, b.first_use, b.last_use});
  int64_t work = 0;
  for (const auto& order : search_orders(items))
    EXPECT_GT(peak_of(items, place_greedily(items, order, work)), 15);
  const PlanSolution solution = plan(problem);
  validate(problem, solution);
  EXPECT_EQ(solution.peak_bytes, 15);
  EXPECT_TRUE(solution.optimal);
}

TEST(Plan, RefutesABoundThatNoPlanMeets) {
  const PlanProblem problem{
      {{3, 0, 0}, {4, 0, 3}, {1, 1, 6}, {1, 1, 5}, {1, 3, 4}, {3, 4, 5}, {2, 5, 6}, {4, 6, 6}}, 1};
  const PlanSolution solution = plan(problem);
  validate(problem, solution);
  EXPECT_EQ(solution.lower_bound_bytes, 7);
  EXPECT_EQ(solution.peak_bytes, 8);
  EXPECT_EQ(brute_force_peak(problem), 8);
  EXPECT_TRUE(solution.optimal);
}

TEST(Plan, EqualsBruteForceOnSmallProblems) {
  std::mt19937 generator(1);
  for (int trial = 0; trial < 400; trial++) {
    PlanProblem problem = random_problem(generator, 2 + trial % 6, 2 + trial % 5, 40);
    problem.alignment_bytes = trial % 3 == 0 ? 16 : 1;
    const PlanSolution solution = plan(problem);
    validate(problem, solution);
    ASSERT_TRUE(solution.optimal) << "trial " << trial;
    ASSERT_EQ(solution.peak_bytes, brute_force_peak(problem)) << "trial " << trial;
  }
}

TEST(Plan, EqualsBruteForceWhereEveryStepIsFull) {
  std::mt19937 generator(2);
  int compared = 0;
  for (int trial = 0; trial < 300; trial++) {
    const PlanProblem problem = full_problem(generator, 4 + trial % 8, 3 + trial % 3);
    if (problem.buffers.size() > 8) continue;  // brute force is factorial
    const PlanSolution solution = plan(problem);
    validate(problem, solution);
    ASSERT_TRUE(solution.optimal) << "trial " << trial;
    ASSERT_EQ(solution.peak_bytes, brute_force_peak(problem)) << "trial " << trial;
    compared++;
  }
  EXPECT_GT(compared, 50);
}

// Two hundred buffers in a chain: the search is limited by its work, so this ends on any machine.
TEST(Plan, ManyBuffersComeCloseToTheirBound) {
  std::mt19937 generator(8);
  std::uniform_int_distribution<int> size(1, 20'000), life(1, 6);
  PlanProblem problem;
  for (int step = 0; step < 200; step++)
    problem.buffers.push_back({size(generator), step, step + life(generator)});
  const PlanSolution solution = plan(problem);
  validate(problem, solution);
  EXPECT_LE(solution.peak_bytes, solution.lower_bound_bytes * 1.05);
}

// What is spent on a problem is bounded whatever its size: by the limit, and once through.
TEST(Plan, WorkIsLimitedForThousandsOfBuffers) {
  std::mt19937 generator(3);
  for (const int count : {1000, 4000}) {
    for (const int life : {4, 50, count}) {  // a chain; many branches; everything at once
      PlanProblem problem;
      for (int step = 0; step < count; step++) {
        const int last = step + static_cast<int>(generator() % static_cast<unsigned>(life));
        problem.buffers.push_back({1 + static_cast<int>(generator() % 20'000), step, last});
      }
      const PlanSolution solution = plan(problem);
      validate(problem, solution);
      const int64_t once = int64_t{count} * count;  // greedily, or a single placement
      EXPECT_LE(solution.work, kPlanWorkLimit + once) << count << " buffers, lives of " << life;
      EXPECT_EQ(solution.optimal, solution.peak_bytes == solution.lower_bound_bytes);
      EXPECT_LE(solution.peak_bytes, solution.lower_bound_bytes * 1.1);
    }
  }
}

// A thousand layers in a row, every fourth of which is read again four layers later, smaller at
// every stage: first fit finds the best there is, at once.
TEST(Plan, ResidualNetworksAreEasy) {
  PlanProblem problem;
  for (int step = 0; step < 1000; step++)
    problem.buffers.push_back({16384 >> (step / 200), step, step + (step % 4 == 0 ? 4 : 1)});
  const PlanSolution solution = plan(problem);
  validate(problem, solution);
  EXPECT_EQ(solution.peak_bytes, 3 * 16384);
  EXPECT_TRUE(solution.optimal);
  EXPECT_LE(solution.work, 1000 * 1000);
}

TEST(Plan, SaysWhenItGaveUp) {
  // Full at each of 12 steps: too hard to settle within the limit, so neither a plan that meets the
  // bound nor a refutation may be claimed.
  std::mt19937 generator(2);
  const PlanProblem problem = full_problem(generator, 24, 12);
  const PlanSolution solution = plan(problem);
  validate(problem, solution);
  EXPECT_EQ(solution.lower_bound_bytes, 24);
  EXPECT_EQ(solution.optimal, solution.peak_bytes == 24);
}

TEST(Plan, IsDeterministic) {
  std::mt19937 generator(11);
  const PlanProblem problem = random_problem(generator, 40, 30, 5000);
  EXPECT_EQ(plan(problem).offset_bytes, plan(problem).offset_bytes);
}

TEST(Plan, RejectsNonsense) {
  EXPECT_THROW(plan({{{-1, 0, 0}}}), Error);
  EXPECT_THROW(plan({{{1, 2, 1}}}), Error);
}

TEST(Validate, NamesWhatIsWrong) {
  const PlanProblem problem{{{32, 0, 1}, {32, 1, 2}}};
  const auto message = [&](const PlanSolution& solution) -> std::string {
    try {
      validate(problem, solution);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::internal);
      return error.message;
    }
    return "valid";
  };
  EXPECT_EQ(message({{0, 32}, 64, 64, true}), "valid");
  EXPECT_NE(message({{0, 16}, 64, 64, true})
                .find("buffer 0 at [0, 32) in steps [0, 1] overlaps "
                      "buffer 1 at [16, 48)"),
            std::string::npos);
  EXPECT_NE(message({{0, 40}, 72, 64, true}).find("not aligned"), std::string::npos);
  EXPECT_NE(message({{0, 32}, 48, 48, true}).find("peak"), std::string::npos);
  EXPECT_NE(message({{0, 32}, 96, 64, true}).find("peak"), std::string::npos);
  EXPECT_NE(message({{0}, 32, 32, true}).find("1 offsets for 2"), std::string::npos);
}

}  // namespace
}  // namespace mote::deploy
