// Checks a plan by its definition, without any code of the planner.
#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/plan/plan.h"

namespace mote::deploy {
namespace {

[[noreturn]] void reject(std::string message) {
  throw Error(ErrorKind::internal, std::move(message), "memory plan");
}

std::string describe(const PlanProblem& problem, const PlanSolution& solution, size_t i) {
  const PlanBuffer& b = problem.buffers[i];
  return fmt::format("buffer {} at [{}, {}) in steps [{}, {}]", i, solution.offset_bytes[i],
                     int64_t{solution.offset_bytes[i]} + b.size_bytes, b.first_use, b.last_use);
}

bool overlap(const PlanProblem& problem, const PlanSolution& solution, size_t i, size_t j) {
  const PlanBuffer& a = problem.buffers[i];
  const PlanBuffer& b = problem.buffers[j];
  const int64_t a_begin = solution.offset_bytes[i], b_begin = solution.offset_bytes[j];
  return a.size_bytes > 0 && b.size_bytes > 0 && a.first_use <= b.last_use &&
         b.first_use <= a.last_use && a_begin < b_begin + b.size_bytes &&
         b_begin < a_begin + a.size_bytes;
}

}  // namespace

void validate(const PlanProblem& problem, const PlanSolution& solution) {
  const size_t count = problem.buffers.size();
  if (solution.offset_bytes.size() != count)
    reject(fmt::format("{} offsets for {} buffers", solution.offset_bytes.size(), count));
  int64_t top = 0;
  for (size_t i = 0; i < count; i++) {
    const int64_t offset = solution.offset_bytes[i];
    if (offset < 0 || offset % problem.alignment_bytes != 0)
      reject(describe(problem, solution, i) +
             fmt::format(" is not aligned to {} bytes", problem.alignment_bytes));
    top = std::max(top, offset + problem.buffers[i].size_bytes);
    for (size_t j = 0; j < i; j++)
      if (overlap(problem, solution, j, i))
        reject(describe(problem, solution, j) + " overlaps " + describe(problem, solution, i));
  }
  if (solution.peak_bytes < top || solution.peak_bytes - top >= problem.alignment_bytes)
    reject(fmt::format("the peak is said to be {} bytes, and is {}", solution.peak_bytes, top));
  if (solution.lower_bound_bytes > solution.peak_bytes)
    reject(fmt::format("the lower bound {} is above the peak {}", solution.lower_bound_bytes,
                       solution.peak_bytes));
}

}  // namespace mote::deploy
