// Offset planning: Problem{buffers} -> Solution{offsets, peak}. Exact search with a proof of
// optimality where the bound is met, and an independent validator. Sources: MiniMalloc (2023) for
// the search; Liberis & Lane (1910.05110) for the setting. Tested by plan_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mote::deploy {

struct PlanBuffer {
  int32_t size_bytes = 0;
  int32_t first_use = 0;  // the first step that touches it
  int32_t last_use = 0;   // the last one, inclusive
};

struct PlanProblem {
  std::vector<PlanBuffer> buffers;
  int32_t alignment_bytes = 16;
};

struct PlanSolution {
  std::vector<int32_t> offset_bytes;  // one per buffer
  int32_t peak_bytes = 0;
  int32_t lower_bound_bytes = 0;  // the largest sum of buffers in use at one step
  bool optimal = false;           // proven: the bound is met or the search was exhausted
  int64_t work = 0;               // looks at a buffer or a stretch of time, counted
};

// A plan is always found, in at most half the square of the number of buffers; what is spent to
// better it, or to prove that nothing is better, ends here. Counted, so that the same problem has
// the same plan on every machine: about a second.
constexpr int64_t kPlanWorkLimit = 200'000'000;

PlanSolution plan(const PlanProblem& problem);
// Throws Error{internal} that names the two buffers that overlap in space and time, the misaligned
// one or the wrong peak.
void validate(const PlanProblem& problem, const PlanSolution& solution);

}  // namespace mote::deploy
