#include "evaluate/divergence.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/error.h"
#include "evaluate/classes.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"
#include "ir/node.h"
#include "ops/verify.h"

namespace mote::evaluate {
namespace {

// Floats, without annotations: those say what a scheme will make of it.
Graph real_logits(const Graph& graph) {
  Graph result = until_logits(graph);
  for (Value& value : result.values)
    if (value.type.dtype == DType::float32) value.type.quantization.reset();
  const ValueId logits = result.outputs[0];
  if (result.value(logits).type.dtype != DType::float32)
    result.outputs = {add_node(result, ops::Dequantize{}, {logits}, "")};
  return result;
}

// Log probabilities: z - log(sum e^z), with the largest z taken out first.
std::vector<double> log_softmax(std::span<const float> logits) {
  const double largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float z : logits) sum += std::exp(static_cast<double>(z) - largest);
  std::vector<double> logs;
  for (const float z : logits) logs.push_back(static_cast<double>(z) - largest - std::log(sum));
  return logs;
}

double kl_of(std::span<const float> expected, std::span<const float> actual) {
  const std::vector<double> p = log_softmax(expected), q = log_softmax(actual);
  double sum = 0;
  for (size_t i = 0; i < p.size(); i++) sum += std::exp(p[i]) * (p[i] - q[i]);
  return sum;
}

ptrdiff_t class_of(std::span<const float> logits) {
  return std::ranges::max_element(logits) - logits.begin();
}

}  // namespace

double Divergence::sqnr_db() const {
  constexpr double kMost = 200;
  return squared_error > 0 ? std::min(-10 * std::log10(squared_error), kMost) : kMost;
}

bool scores_classes(const Graph& graph) {
  const ValueId output = graph.outputs.at(0);
  const Shape& shape = graph.value(output).type.shape;
  const int64_t count = element_count(shape);
  if (count < 2 || shape.back() != count) return false;
  if (!graph.labels.empty()) return true;
  for (const Node& node : graph.nodes)
    if (node.outputs.at(0) == output && std::holds_alternative<ops::Softmax>(node.op)) return true;
  return std::ranges::none_of(
      graph.inputs, [&](ValueId id) { return element_count(graph.value(id).type.shape) == count; });
}

Reference::Reference(const Graph& network, const datasets::Split& samples, int32_t threads)
    : samples_(samples), threads_(threads), classes_(scores_classes(network)) {
  if (samples.count() < 1) throw Error(ErrorKind::usage, "no samples to run", network.name);
  expected_ = logits_of(network);
}

std::vector<float> Reference::logits_of(const Graph& graph) const {
  const Graph network = real_logits(graph);
  const int32_t count = samples_.count();
  const std::vector<Bytes> outputs = make_engine(kDefaultEngine, network, {.threads = threads_})
                                         ->run(encode(network, samples_, 0, count), count);
  std::vector<float> logits(outputs[0].size() / sizeof(float));
  std::copy_n(reinterpret_cast<const float*>(outputs[0].data()), logits.size(), logits.begin());
  return logits;
}

Divergence Reference::of(const Graph& compressed) const {
  const std::vector<float> actual = logits_of(compressed);
  if (actual.size() != expected_.size())
    throw Error(ErrorKind::usage, "its outputs are not those of the float network",
                compressed.name);
  const auto count = static_cast<size_t>(samples_.count());
  const size_t each = expected_.size() / count;
  double kl = 0, same = 0, signal = 0, noise = 0;
  for (size_t i = 0; i < expected_.size(); i++) {
    const double exact = expected_[i], error = static_cast<double>(actual[i]) - exact;
    signal += exact * exact;
    noise += error * error;
  }
  for (size_t s = 0; classes_ && s < count; s++) {
    const auto exact = std::span(expected_).subspan(s * each, each);
    const auto is = std::span(actual).subspan(s * each, each);
    kl += kl_of(exact, is);
    same += class_of(exact) == class_of(is) ? 1 : 0;
  }
  Divergence result;
  result.classes = classes_;
  result.squared_error = noise == 0 ? 0 : noise / std::max(signal, 1e-30);
  if (!classes_) return result;
  result.kl = kl / static_cast<double>(count);
  result.agreement = same / static_cast<double>(count);
  return result;
}

}  // namespace mote::evaluate
