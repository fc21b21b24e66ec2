// Second moments of what enters a layer, over patches of calibration samples: what least squares
// and the rounding of weights work with. Tested by moments_test.cc.
#pragma once

#include <span>

#include <Eigen/Dense>

#include "ir/graph.h"

namespace mote::compress {

// Patches of a node (compress/patches.h), [patches, patch_size], spread evenly over the positions
// of all samples: `each` of a sample, or all where there are fewer. `input`: the node's operand 0.
Eigen::MatrixXd patches_of(const Graph& graph, const Node& node, std::span<const float> input,
                           int32_t samples, int64_t each);

// Sums and products of two samples of the same patches.
struct Moments {
  double share = 1;  // of the means' product that goes: 0 where no bias makes up for means
  double count = 0;
  Eigen::VectorXd sum_x, sum_y;
  Eigen::MatrixXd xx, xy;

  // x [patches, K] and y [patches, L] go together row by row.
  void add(const Eigen::MatrixXd& x, const Eigen::MatrixXd& y);
  Eigen::MatrixXd covariance() const;  // of x, [K, K]
  Eigen::MatrixXd cross() const;       // of x with y, [K, L]
};

// With `ridge` times the mean of the diagonal added to it, so that it can be inverted.
Eigen::MatrixXd with_ridge(Eigen::MatrixXd covariance, double ridge);

// The weights W' [L, K] that make y of x best and stay close to `start` W, min |W' x - y|^2 +
// r |W' - W|^2 with r what with_ridge adds.
Eigen::MatrixXd fitted_weights(const Moments& moments, const Eigen::MatrixXd& start, double ridge);

}  // namespace mote::compress
