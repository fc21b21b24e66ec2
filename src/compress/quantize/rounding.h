// Which integers the weights of a layer become, for what enters it: those whose sums of products
// are closest to the float weights', not those that are closest themselves. Tested by
// rounding_test.cc. GPTQ: 2210.17323; SparseGPT, for weights that are masked: 2301.00774.
#pragma once

#include <cstdint>
#include <vector>

#include <Eigen/Dense>

namespace mote::compress {

// Of output channels that multiply the same inputs. The error of one with weights w [K] that become
// scale * z is (scale z - w)^T H (scale z - w), where H are the second moments of its inputs.
struct RoundingProblem {
  Eigen::MatrixXd weights;     // [O, K]
  Eigen::MatrixXd hessian;     // [K, K], positive definite
  std::vector<double> scale;   // O
  int32_t reach = 127;         // the integers are -reach to reach
  std::vector<uint8_t> masks;  // [O, K] row-major, 0 where a weight stays zero; empty: none does

  bool masked(int64_t output, int64_t k) const {
    return !masks.empty() && masks[static_cast<size_t>(output * weights.cols() + k)] == 0;
  }
  double error(int64_t output, const Eigen::RowVectorXd& integers) const;
};

// Each to the nearest, [O, K] of integers.
Eigen::MatrixXd round_to_nearest(const RoundingProblem& problem);

// Column by column, those of the largest H_kk first: each is rounded to the nearest, and the
// columns that are left take over its error as well as they can: with U the upper Cholesky factor
// of H^-1, w_j -= (w_k - scale z_k) / U_kk * U_kj.
Eigen::MatrixXd round_by_gptq(const RoundingProblem& problem);

// Coordinate descent from `integers`: one weight after another gets the integer that makes the
// error least, the others kept, until none changes or after 30 sweeps. The error never grows.
void descend(const RoundingProblem& problem, Eigen::MatrixXd& integers);

// The scales that fit the integers best, z^T H w / z^T H z; those stay that would not be positive.
std::vector<double> fitted_scales(const RoundingProblem& problem, const Eigen::MatrixXd& integers);

}  // namespace mote::compress
