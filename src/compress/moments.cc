#include "compress/moments.h"

#include <algorithm>
#include <vector>

#include "compress/patches.h"

namespace mote::compress {

using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd patches_of(const Graph& graph, const Node& node, std::span<const float> input,
                    int32_t samples, int64_t each) {
  const int64_t all = patch_count(graph, node, samples);
  const int64_t wanted = std::min<int64_t>(all, each * samples);
  std::vector<float> patch(patch_size(graph, node));
  MatrixXd result(wanted, std::ssize(patch));
  for (int64_t i = 0; i < wanted; i++) {
    read_patch(graph, node, input, i * all / wanted, patch);
    for (size_t k = 0; k < patch.size(); k++)
      result(i, static_cast<int64_t>(k)) = static_cast<double>(patch[k]);
  }
  return result;
}

void Moments::add(const MatrixXd& x, const MatrixXd& y) {
  if (count == 0) {
    sum_x = VectorXd::Zero(x.cols());
    sum_y = VectorXd::Zero(y.cols());
    xx = MatrixXd::Zero(x.cols(), x.cols());
    xy = MatrixXd::Zero(x.cols(), y.cols());
  }
  count += static_cast<double>(x.rows());
  sum_x += x.colwise().sum().transpose();
  sum_y += y.colwise().sum().transpose();
  xx.noalias() += x.transpose() * x;
  xy.noalias() += x.transpose() * y;
}

MatrixXd Moments::covariance() const {
  return xx / count - share * sum_x * sum_x.transpose() / (count * count);
}

MatrixXd Moments::cross() const {
  return xy / count - share * sum_x * sum_y.transpose() / (count * count);
}

MatrixXd with_ridge(MatrixXd covariance, double ridge) {
  const double mean = covariance.trace() / static_cast<double>(covariance.rows());
  covariance.diagonal().array() += ridge * mean + 1e-12;
  return covariance;
}

MatrixXd fitted_weights(const Moments& moments, const MatrixXd& start, double ridge) {
  const MatrixXd covariance = moments.covariance(), ridged = with_ridge(covariance, ridge);
  const MatrixXd right = moments.cross() + (ridged - covariance) * start.transpose();
  return ridged.llt().solve(right).transpose();
}

}  // namespace mote::compress
