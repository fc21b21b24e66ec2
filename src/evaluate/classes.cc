#include "evaluate/classes.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/op_def.h"

namespace mote::evaluate {
namespace {

int32_t score_count(const Graph& graph) {
  return static_cast<int32_t>(element_count(graph.value(graph.outputs.at(0)).type.shape));
}

// The same numbers in another shape or of another type.
bool only_rewrites(const Op& op) {
  return std::holds_alternative<ops::Reshape>(op) || std::holds_alternative<ops::Quantize>(op) ||
         std::holds_alternative<ops::Dequantize>(op);
}

// Of what the operator can give: of probabilities 0.5. 0 where nothing bounds it, as of logits. An
// operator of bounded outputs has a fixed quantization, whose int8 middle is 0.
double middle_of_outputs(const Op& op) {
  const OutputRule rule = op_def(op).quantization(op, Scheme::int8).output(0);
  if (rule.kind != OutputRule::Kind::fixed) return 0;
  return -static_cast<double>(rule.fixed.scale.at(0)) * rule.fixed.zero_point.at(0);
}

// A score that is no real number yet, as a real one.
class Scores {
 public:
  Scores(const Graph& graph, std::span<const uint8_t> bytes)
      : type_(graph.value(graph.outputs.at(0)).type), bytes_(bytes) {
    constexpr DType kKnown[] = {DType::float32, DType::int8, DType::uint8, DType::int16};
    if (std::ranges::count(kKnown, type_.dtype) == 0)
      throw Error(ErrorKind::unsupported, fmt::format("class scores of {}", name_of(type_.dtype)),
                  graph.name);
  }

  double at(size_t i) const {
    switch (type_.dtype) {
      case DType::int8:
        return real(element<int8_t>(i));
      case DType::uint8:
        return real(element<uint8_t>(i));
      case DType::int16:
        return real(element<int16_t>(i));
      default:
        return element<float>(i);
    }
  }

 private:
  template <class T>
  T element(size_t i) const {
    return reinterpret_cast<const T*>(bytes_.data())[i];
  }
  double real(int32_t integer) const {
    if (!type_.quantization) return integer;
    return static_cast<double>(type_.quantization->scale[0]) *
           (integer - type_.quantization->zero_point[0]);
  }

  const TensorType& type_;
  std::span<const uint8_t> bytes_;
};

int32_t largest(const Scores& scores, size_t begin, int32_t count) {
  int32_t best = 0;
  for (int32_t c = 1; c < count; c++)
    if (scores.at(begin + static_cast<size_t>(c)) > scores.at(begin + static_cast<size_t>(best)))
      best = c;
  return best;
}

}  // namespace

Graph until_logits(Graph graph) {
  const ValueId output = graph.outputs.at(0);
  for (const Node& node : graph.nodes)
    if (std::holds_alternative<ops::Softmax>(node.op) && node.outputs.at(0) == output)
      graph.outputs = {node.inputs.at(0)};
  graph.outputs.resize(1);
  eliminate_dead(graph);
  return graph;
}

int32_t class_count(const Graph& graph) {
  return std::max(score_count(graph), 2);
}

double decision_threshold(const Graph& graph) {
  ValueId scores = graph.outputs.at(0);
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::ranges::count(node->outputs, scores) == 0) continue;
    if (!only_rewrites(node->op)) return middle_of_outputs(node->op);
    scores = node->inputs.at(0);
  }
  return 0;
}

std::vector<int32_t> classify(const Graph& graph, std::span<const uint8_t> output, int32_t count) {
  const Scores scores(graph, output);
  const int32_t each = score_count(graph);
  const double threshold = decision_threshold(graph);
  std::vector<int32_t> classes;
  for (int32_t i = 0; i < count; i++) {
    const size_t begin = static_cast<size_t>(i) * static_cast<size_t>(each);
    classes.push_back(each == 1 ? scores.at(begin) > threshold : largest(scores, begin, each));
  }
  return classes;
}

void check_labels(const Graph& graph, std::span<const int32_t> labels) {
  const int32_t classes = class_count(graph);
  const auto beyond =
      std::ranges::count_if(labels, [&](int32_t label) { return label < 0 || label >= classes; });
  if (beyond == 0) return;
  const auto [least, most] = std::ranges::minmax(labels);
  const bool from_one = least == 1 && most == classes;
  throw Error(ErrorKind::usage,
              fmt::format("{} of {} labels are no class of the model: it has {}, from 0 to {}, "
                          "labels go from {} to {}",
                          beyond, labels.size(), classes, classes - 1, least, most),
              graph.name,
              from_one ? "the labels seem to begin at 1: subtract 1 from each"
                       : "take the data that the model was made for");
}

}  // namespace mote::evaluate
