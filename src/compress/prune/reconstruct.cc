#include "compress/prune/reconstruct.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <Eigen/Dense>

#include "autograd/network.h"
#include "base/error.h"
#include "compress/moments.h"
#include "compress/patches.h"
#include "compress/prune/families.h"
#include "ir/node.h"
#include "ops/channels.h"
#include "passes/channel_groups.h"
#include "passes/weighted_layer.h"

namespace mote::compress {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int32_t kBatch = 32;
constexpr int64_t kPatches = 32;  // of an image
constexpr int32_t kTrial = 256;   // images
constexpr double kRidge = 1e-3;   // of the mean diagonal

using Values = std::map<ValueId, std::vector<float>>;
// What a graph computes of some values for the batch of inputs from `begin`.
void observe(autograd::Network& network, std::span<const float> inputs, int32_t count,
             int32_t begin, const std::set<ValueId>& wanted, Values& values) {
  const size_t each = inputs.size() / static_cast<size_t>(count);
  const int32_t batch = std::min(kBatch, count - begin);
  network.observe(
      inputs.subspan(static_cast<size_t>(begin) * each, static_cast<size_t>(batch) * each), batch,
      wanted, [&](ValueId id, std::span<const float> v) { values[id].assign(v.begin(), v.end()); });
}

// [outputs, patch size]
MatrixXd weights_of(const Graph& graph, const Node& node) {
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const std::vector<float> data = passes::weights_of(graph, node);
  const auto size = static_cast<int64_t>(patch_size(graph, node));
  return Eigen::Map<const Rows>(data.data(), std::ssize(data) / size, size).cast<double>();
}

VectorXd bias_of(const Graph& graph, const Node& node) {
  const std::vector<float> data = passes::bias_of(graph, node);
  return Eigen::Map<const Eigen::VectorXf>(data.data(), std::ssize(data)).cast<double>();
}

// A layer that reads a family, while candidates go one after another.
struct Reader {
  MatrixXd weights, inverse;                  // of the covariance
  double energy = 0;                          // of what it computes
  std::vector<std::vector<int64_t>> columns;  // by candidate

  // The loss that goes with a candidate when all others adapt.
  double loss(size_t candidate) const {
    const std::vector<int64_t>& c = columns[candidate];
    if (c.empty()) return 0;
    const MatrixXd w = weights(Eigen::all, c);
    return (w * inverse(c, c).inverse()).cwiseProduct(w).sum() / energy;
  }
  void remove(size_t candidate) {
    const std::vector<int64_t>& c = columns[candidate];
    if (c.empty()) return;
    const MatrixXd solved = inverse(c, c).inverse() * inverse(c, Eigen::all);
    const MatrixXd w = weights(Eigen::all, c), all = inverse(Eigen::all, c);
    weights.noalias() -= w * solved;
    inverse.noalias() -= all * solved;
    for (const int64_t k : c) {  // gone for good: no rounding brings it back
      weights.col(k).setZero();
      inverse.row(k).setZero();
      inverse.col(k).setZero();
      inverse(k, k) = 1;
    }
  }
};

// The nodes that read the family's channels as a sum.
std::vector<const Node*> readers_of(const Graph& graph, const Family& family) {
  std::vector<const Node*> readers;
  for (const Node& node : graph.nodes)
    if (has_patches(graph, node) && std::ranges::count(family.values, node.inputs[0]) > 0)
      readers.push_back(&node);
  return readers;
}

Reader reader_of(const Graph& graph, const Node& node, const Family& family,
                 const Moments& moments) {
  Reader reader;
  reader.weights = weights_of(graph, node);
  const MatrixXd covariance = moments.covariance();
  reader.energy = std::max(1e-30, (reader.weights * covariance).cwiseProduct(reader.weights).sum());
  reader.inverse = with_ridge(covariance, kRidge)
                       .llt()
                       .solve(MatrixXd::Identity(covariance.rows(), covariance.cols()));
  const int64_t channels = channel_count(graph.value(node.inputs[0]).type.shape);
  for (const Candidate& candidate : family.candidates) {
    std::vector<int64_t>& columns = reader.columns.emplace_back();
    for (const passes::ChannelOf& member : candidate.group.members)
      if (member.value == node.inputs[0])
        for (int64_t k = member.channel; k < reader.weights.cols(); k += channels)
          columns.push_back(k);
  }
  return reader;
}

// Scores the candidates by the order in which they go: each by its loss, no less than those before.
void score(Family& family, std::vector<Reader> readers) {
  std::vector<size_t> left(family.candidates.size());
  for (size_t i = 0; i < left.size(); i++) left[i] = i;
  double last = 0;
  while (!left.empty()) {
    const auto loss = [&](size_t candidate) {
      double sum = 0;
      for (const Reader& reader : readers) sum += reader.loss(candidate);
      return sum;
    };
    const auto least = std::ranges::min_element(left, {}, loss);
    last = std::max(last, loss(*least));
    family.candidates[*least].score = last;
    for (Reader& reader : readers) reader.remove(*least);
    left.erase(least);
  }
}

std::map<const Node*, Moments> input_moments(const Graph& graph, const std::set<const Node*>& nodes,
                                             std::span<const float> inputs, int32_t count) {
  std::set<ValueId> wanted;
  for (const Node* node : nodes) wanted.insert(node->inputs[0]);
  autograd::Network network(graph);
  std::map<const Node*, Moments> moments;
  Values values;
  for (int32_t begin = 0; begin < count; begin += kBatch) {
    observe(network, inputs, count, begin, wanted, values);
    for (const Node* node : nodes) {
      const MatrixXd x = patches_of(graph, *node, values.at(node->inputs[0]),
                                    std::min(kBatch, count - begin), kPatches);
      moments[node].add(x, MatrixXd(x.rows(), 0));
    }
  }
  return moments;
}

// Fits a layer to what it computed in the original graph, for what enters it now.
void refit(Graph& graph, const Graph& original, size_t index, std::span<const float> inputs,
           int32_t count) {
  const Node& node = graph.nodes[index];
  const Node& before = original.nodes[index];
  autograd::Network now(graph), then(original);
  const MatrixXd w = weights_of(original, before);
  const VectorXd b = bias_of(original, before);
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
  Moments moments;
  moments.share = has_bias ? 1.0 : 0.0;
  Values values;
  for (int32_t begin = 0; begin < count; begin += kBatch) {
    const int32_t samples = std::min(kBatch, count - begin);
    observe(now, inputs, count, begin, {node.inputs[0]}, values);
    const MatrixXd x = patches_of(graph, node, values.at(node.inputs[0]), samples, kPatches);
    observe(then, inputs, count, begin, {before.inputs[0]}, values);
    const MatrixXd y = patches_of(original, before, values.at(before.inputs[0]), samples, kPatches);
    moments.add(x, (y * w.transpose()).rowwise() + b.transpose());
  }
  const MatrixXd fitted = fitted_weights(moments, weights_of(graph, node), kRidge);
  const VectorXd shift = (moments.sum_y - fitted * moments.sum_x) / moments.count;
  const auto store = [&](ValueId id, auto&& number) {
    Value& value = graph.value(id);
    std::vector<float> data(static_cast<size_t>(element_count(value.type.shape)));
    for (size_t k = 0; k < data.size(); k++)
      data[k] = value.mask && (*value.mask)[k] == 0 ? 0.0f : static_cast<float>(number(k));
    value.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
  };
  const auto size = static_cast<size_t>(fitted.cols());
  store(node.inputs[1], [&](size_t k) {
    return fitted(static_cast<int64_t>(k / size), static_cast<int64_t>(k % size));
  });
  if (has_bias) store(node.inputs[2], [&](size_t k) { return shift(static_cast<int64_t>(k)); });
}

// The mean Kullback-Leibler divergence of the classes' probabilities from those of `expected`.
double divergence(const Graph& graph, std::span<const float> expected,
                  std::span<const float> inputs, int32_t count) {
  std::vector<float> actual;
  autograd::Network(graph).run_logits(inputs, count, actual);
  const auto classes = std::ssize(actual) / count;
  const auto log_probabilities = [&](std::span<const float> logits, int64_t sample) {
    VectorXd row(classes);
    for (int64_t c = 0; c < classes; c++)
      row(c) = static_cast<double>(logits[static_cast<size_t>(sample * classes + c)]);
    row.array() -= row.maxCoeff();
    return VectorXd(row.array() - std::log(row.array().exp().sum()));
  };
  double sum = 0;
  for (int64_t sample = 0; sample < count; sample++) {
    const VectorXd p = log_probabilities(expected, sample), q = log_probabilities(actual, sample);
    sum += (p.array().exp() * (p - q).array()).sum();
  }
  return sum / count;
}

// A layer's loss says which of its channels matter least, not how much the layer matters: half of
// the family goes on trial, its readers are fitted, and the answers tell.
void weigh(Family& family, const Graph& graph, std::span<const float> logits,
           std::span<const float> inputs, int32_t count) {
  std::vector<const Candidate*> half;
  for (const Candidate& candidate : family.candidates) half.push_back(&candidate);
  std::ranges::stable_sort(half, {}, &Candidate::score);
  half.resize((half.size() + 1) / 2);
  double predicted = 0;
  for (const Candidate* candidate : half) predicted += candidate->score;
  Graph trial = graph;
  mask_channels(trial, half);
  const std::vector<const Node*> readers = readers_of(graph, family);
  for (size_t index = 0; index < graph.nodes.size(); index++)
    if (std::ranges::count(readers, &graph.nodes[index]) > 0)
      refit(trial, graph, index, inputs, count);
  const double scale = divergence(trial, logits, inputs, count) / std::max(1e-30, predicted);
  for (Candidate& candidate : family.candidates) candidate.score *= scale;
}

}  // namespace

void reconstruct_channels(Graph& graph, const ChannelGoal& goal, std::span<const float> inputs,
                          int32_t count) {
  const Graph original = graph;
  std::vector<Family> families = removable_families(graph);
  std::erase_if(families, [&](const Family& family) { return readers_of(graph, family).empty(); });
  if (families.empty())
    throw Error(ErrorKind::unsupported, "no layer that can be fitted anew reads its channels",
                graph.name, "use another criterion");
  std::set<const Node*> nodes;
  for (const Family& family : families)
    for (const Node* node : readers_of(graph, family)) nodes.insert(node);
  const std::map<const Node*, Moments> moments = input_moments(graph, nodes, inputs, count);
  const ChannelCosts costs(graph, goal, families);
  const int32_t trial_count = std::min(count, kTrial);
  const auto trial_inputs =
      inputs.first(inputs.size() / static_cast<size_t>(count) * static_cast<size_t>(trial_count));
  std::vector<float> logits;
  autograd::Network(graph).run_logits(trial_inputs, trial_count, logits);
  for (Family& family : families) {
    std::vector<Reader> readers;
    for (const Node* node : readers_of(graph, family))
      readers.push_back(reader_of(graph, *node, family, moments.at(node)));
    score(family, std::move(readers));
    weigh(family, graph, logits, trial_inputs, trial_count);
    for (Candidate& candidate : family.candidates)
      candidate.score /= std::max(1e-30, costs.of(candidate));
  }
  const std::vector<const Candidate*> gone = choose(families, costs, goal, 1);
  mask_channels(graph, gone);

  std::set<ValueId> changed;  // by what is masked, and by what that changes
  for (const Candidate* candidate : gone)
    for (const passes::ChannelOf& member : candidate->group.members) changed.insert(member.value);
  for (size_t index = 0; index < graph.nodes.size(); index++) {
    const Node& node = graph.nodes[index];
    const bool reads =
        std::ranges::any_of(node.inputs, [&](ValueId id) { return changed.contains(id); });
    if (!reads) continue;
    changed.insert(node.outputs.begin(), node.outputs.end());
    if (has_patches(graph, node)) refit(graph, original, index, inputs, count);
  }
}

}  // namespace mote::compress
