#include "compress/calibrate/calibrate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "runtime/arithmetic/affine.h"

namespace mote::compress {
namespace {

using Ranges = std::vector<std::optional<RealRange>>;  // by value

void observe(std::optional<RealRange>& range, std::span<const float> elements, const Value& value) {
  for (float element : elements) {
    if (!std::isfinite(element))
      throw Error(ErrorKind::invalid_input, "a calibration sample makes it infinite or no number",
                  fmt::format("value '{}'", value.name), "check the model and the preprocessing");
    if (!range) range = {element, element};
    range->min = std::min(range->min, element);
    range->max = std::max(range->max, element);
  }
}

std::span<const float> floats(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

// By value: whether its largest number must not be clipped, since a Softmax or the caller reads it,
// or a value that has its scale.
std::vector<bool> unclipped(const Graph& graph, Scheme scheme) {
  std::vector<bool> result(graph.values.size(), false);
  for (const ValueId id : graph.outputs) result[static_cast<size_t>(id)] = true;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::holds_alternative<ops::Softmax>(node->op))
      result[static_cast<size_t>(node->inputs[0])] = true;
    const QuantizationRule rule = op_def(node->op).quantization(node->op, scheme);
    for (size_t i = 0; i < node->outputs.size(); i++)
      if (rule.output(i).kind == OutputRule::Kind::same_as &&
          result[static_cast<size_t>(node->outputs[i])])
        result[static_cast<size_t>(node->inputs.at(static_cast<size_t>(rule.output(i).input)))] =
            true;
  }
  return result;
}

RealRange range_of(const Histogram& histogram, const CalibrateOptions& options) {
  const int32_t bits = 8 * static_cast<int32_t>(size_of(info_of(options.scheme).activations));
  switch (options.observer) {
    case Observer::percentile:
      return percentile_range(histogram, options.percentile);
    case Observer::mse:
      return mse_range(histogram, 1 << bits);
    case Observer::kl:
      return kl_range(histogram, 1 << bits);
    case Observer::min_max:
      break;
  }
  return histogram.range;
}

Ranges observe_all(const Graph& graph, const std::vector<Bytes>& inputs, int32_t count,
                   const CalibrateOptions& options) {
  Ranges ranges(graph.values.size());
  observe_activations(graph, {inputs, count}, [&](ValueId id, std::span<const float> numbers) {
    observe(ranges[static_cast<size_t>(id)], numbers, graph.value(id));
  });
  if (options.observer == Observer::min_max) return ranges;
  const std::vector<bool> kept = unclipped(graph, options.scheme);
  std::map<ValueId, Histogram> histograms;
  for (size_t id = 0; id < ranges.size(); id++)
    if (ranges[id] && !kept[id]) histograms.emplace(static_cast<ValueId>(id), *ranges[id]);
  observe_activations(graph, {inputs, count}, [&](ValueId id, std::span<const float> numbers) {
    const auto histogram = histograms.find(id);
    if (histogram != histograms.end()) histogram->second.add(numbers);
  });
  for (const auto& entry : histograms)
    ranges[static_cast<size_t>(entry.first)] = range_of(entry.second, options);
  return ranges;
}

Quantization quantization_of(ValueId id, const Ranges& ranges, Scheme scheme) {
  const std::optional<RealRange>& range = ranges[static_cast<size_t>(id)];
  return affine_quantization(range.value_or(RealRange{0, 0}), info_of(scheme).activations);
}

Quantization quantization_of_output(const Graph& graph, const Node& node, size_t output,
                                    const OutputRule& rule, const Ranges& ranges, Scheme scheme) {
  switch (rule.kind) {
    case OutputRule::Kind::fixed:
      return rule.fixed;
    case OutputRule::Kind::same_as: {
      const ValueId input = node.inputs.at(static_cast<size_t>(rule.input));
      return graph.value(input).type.quantization.value();
    }
    case OutputRule::Kind::free:
      break;
  }
  return quantization_of(node.outputs.at(output), ranges, scheme);
}

void annotate(Graph& graph, const Node& node, Ranges& ranges, Scheme scheme) {
  const QuantizationRule rule = op_def(node.op).quantization(node.op, scheme);
  if (rule.stays_float)
    throw Error(ErrorKind::unsupported, fmt::format("the operator has no {} form", name_of(scheme)),
                describe(node), "run `mote optimize` first, or keep the model in float");
  for (size_t i = 0; i < node.inputs.size(); i++) {
    const InputRule& input = rule.input(i);
    const ValueId id = node.inputs[i];
    if (input.role != Role::activation || id == kNoValue) continue;
    Value& value = graph.value(id);
    if (!value.constant() || value.type.quantization) continue;
    observe(ranges[static_cast<size_t>(id)], data_as<float>(value), value);
    value.type.quantization = quantization_of(id, ranges, scheme);
  }
  for (size_t i = 0; i < node.outputs.size(); i++)
    graph.value(node.outputs[i]).type.quantization =
        quantization_of_output(graph, node, i, rule.output(i), ranges, scheme);
}

// A range that is not symmetric leaves integers unused.
Quantization symmetric_quantization(double magnitude, DType dtype) {
  const auto scale = static_cast<float>(magnitude / integer_range(dtype).max);
  return per_tensor(scale, 0, static_cast<int32_t>(8 * size_of(dtype)));
}

}  // namespace

Quantization affine_quantization(RealRange range, DType dtype) {
  constexpr double kSmallestWidth = 1e-6;
  const double min = std::min<double>(range.min, 0);
  double max = std::max<double>(range.max, 0);
  if (max - min < kSmallestWidth) max = min + kSmallestWidth;
  if (dtype == DType::int16) return symmetric_quantization(std::max(-min, max), dtype);
  const Range integers = integer_range(dtype);
  const auto scale = static_cast<float>((max - min) / (integers.max - integers.min));
  const int64_t zero_point = mote_round_f64(integers.min - min / scale, 1 << 20);
  return per_tensor(scale,
                    mote_clamp_s32(static_cast<int32_t>(zero_point), integers.min, integers.max));
}

void observe_activations(const Graph& graph, const CalibrationSamples& samples,
                         const std::function<void(ValueId, std::span<const float>)>& see) {
  const Program program = deploy::lower(graph, deploy::host_device());
  interpret::Interpreter interpreter(program);
  const auto trace = [&](const Call&, ValueId id, std::span<const uint8_t> bytes) {
    see(id, floats(bytes));
  };
  std::vector<Bytes> results;
  for (const Port& port : program.outputs) results.emplace_back(byte_size(port.type));
  const std::vector<std::span<uint8_t>> outputs(results.begin(), results.end());
  for (size_t sample = 0; sample < static_cast<size_t>(samples.count); sample++) {
    std::vector<std::span<const uint8_t>> ports;
    for (size_t i = 0; i < samples.inputs.size(); i++) {
      const auto size = static_cast<size_t>(byte_size(program.inputs.at(i).type));
      ports.push_back(std::span(samples.inputs[i]).subspan(sample * size, size));
      see(graph.inputs[i], floats(ports.back()));
    }
    interpreter.run(ports, outputs, trace);
  }
}

void calibrate(Graph& graph, const std::vector<Bytes>& inputs, int32_t count,
               const CalibrateOptions& options) {
  Ranges ranges = observe_all(graph, inputs, count, options);
  for (size_t i = 0; i < options.input_ranges.size(); i++)
    if (options.input_ranges[i])
      ranges[static_cast<size_t>(graph.inputs.at(i))] = options.input_ranges[i];
  for (ValueId id : graph.inputs)
    graph.value(id).type.quantization = quantization_of(id, ranges, options.scheme);
  for (const Node& node : graph.nodes) annotate(graph, node, ranges, options.scheme);
}

}  // namespace mote::compress
