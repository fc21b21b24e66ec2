#include "compress/quantize/rounding.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/arithmetic/affine.h"

namespace mote::compress {
namespace {

using Eigen::MatrixXd;
using Eigen::RowVectorXd;

double nearest(const RoundingProblem& problem, int64_t output, int64_t k, double weight) {
  if (problem.masked(output, k)) return 0;
  return static_cast<double>(
      mote_round_f64(weight / problem.scale[static_cast<size_t>(output)], problem.reach));
}

// The columns, those of the largest diagonal first.
std::vector<int64_t> by_diagonal(const MatrixXd& hessian) {
  std::vector<int64_t> order(static_cast<size_t>(hessian.rows()));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{}, [&](int64_t k) { return hessian(k, k); });
  return order;
}

// One sweep over the weights of an output; whether one changed. `gradient` is H (scale z - w).
bool sweep(const RoundingProblem& problem, int64_t output, RowVectorXd& gradient,
           MatrixXd& integers) {
  constexpr double kHalf = 0.5 + 1e-9;  // at a half both are as good: it stays
  const double scale = problem.scale[static_cast<size_t>(output)], reach = problem.reach;
  bool changed = false;
  for (int64_t k = 0; k < gradient.cols(); k++) {
    if (problem.masked(output, k)) continue;
    const double now = integers(output, k);
    const double wanted = now - gradient(k) / (problem.hessian(k, k) * scale);
    if (std::abs(wanted - now) <= kHalf) continue;
    const double next = static_cast<double>(mote_round_f64(wanted, problem.reach));
    if (next == now || std::abs(next) > reach) continue;
    gradient += (next - now) * scale * problem.hessian.row(k);
    integers(output, k) = next;
    changed = true;
  }
  return changed;
}

}  // namespace

double RoundingProblem::error(int64_t output, const RowVectorXd& integers) const {
  const RowVectorXd delta = scale[static_cast<size_t>(output)] * integers - weights.row(output);
  return (delta * hessian).dot(delta);
}

MatrixXd round_to_nearest(const RoundingProblem& problem) {
  MatrixXd integers(problem.weights.rows(), problem.weights.cols());
  for (int64_t o = 0; o < integers.rows(); o++)
    for (int64_t k = 0; k < integers.cols(); k++)
      integers(o, k) = nearest(problem, o, k, problem.weights(o, k));
  return integers;
}

MatrixXd round_by_gptq(const RoundingProblem& problem) {
  const std::vector<int64_t> order = by_diagonal(problem.hessian);
  const MatrixXd ordered = problem.hessian(order, order);
  const int64_t size = ordered.rows();
  const MatrixXd inverse = ordered.llt().solve(MatrixXd::Identity(size, size));
  const MatrixXd upper = inverse.llt().matrixU();
  MatrixXd left = problem.weights(Eigen::all, order);
  MatrixXd integers(left.rows(), size);
  for (int64_t k = 0; k < size; k++) {
    Eigen::VectorXd error(left.rows());
    for (int64_t o = 0; o < left.rows(); o++) {
      const double integer = nearest(problem, o, order[static_cast<size_t>(k)], left(o, k));
      integers(o, order[static_cast<size_t>(k)]) = integer;
      error(o) = (left(o, k) - problem.scale[static_cast<size_t>(o)] * integer) / upper(k, k);
    }
    const int64_t rest = size - k - 1;
    left.rightCols(rest).noalias() -= error * upper.row(k).tail(rest);
  }
  return integers;
}

void descend(const RoundingProblem& problem, MatrixXd& integers) {
  constexpr int32_t kSweeps = 30;
  for (int64_t o = 0; o < integers.rows(); o++) {
    const double scale = problem.scale[static_cast<size_t>(o)];
    RowVectorXd gradient = (scale * integers.row(o) - problem.weights.row(o)) * problem.hessian;
    for (int32_t i = 0; i < kSweeps && sweep(problem, o, gradient, integers); i++) continue;
  }
}

std::vector<double> fitted_scales(const RoundingProblem& problem, const MatrixXd& integers) {
  std::vector<double> scales = problem.scale;
  for (int64_t o = 0; o < integers.rows(); o++) {
    const RowVectorXd product = integers.row(o) * problem.hessian;
    const double fitted = product.dot(problem.weights.row(o)) / product.dot(integers.row(o));
    if (std::isfinite(fitted) && fitted > 0) scales[static_cast<size_t>(o)] = fitted;
  }
  return scales;
}

}  // namespace mote::compress
