#include "compress/compress.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "base/random.h"
#include "datasets/split.h"
#include "evaluate/preprocess.h"
#include "evaluate/samples.h"
#include "ir/node.h"
#include "passes/pipeline.h"

namespace mote::compress {
namespace {

// `count` of the samples, chosen by seed, in the split's order.
datasets::Split choose(const datasets::Split& samples, int32_t count, uint64_t seed) {
  std::vector<int32_t> order(static_cast<size_t>(samples.count()));
  std::iota(order.begin(), order.end(), 0);
  Random random(seed, "calibration");
  random.shuffle(std::span(order));
  order.resize(std::min(order.size(), static_cast<size_t>(count)));
  std::ranges::sort(order);
  return datasets::select(samples, order);
}

// What each input can hold, whatever the samples do; nothing where it has no raw pixels.
std::vector<std::optional<RealRange>> pixel_ranges(const Graph& graph,
                                                   const datasets::Split& samples) {
  std::vector<std::optional<RealRange>> ranges(graph.inputs.size());
  for (size_t i = 0; i < ranges.size(); i++) {
    const Array& array = i == 0 ? samples.images : samples.more.at(i - 1);
    if (array.dtype == DType::uint8)
      ranges[i] = evaluate::pixel_range(graph.preprocessing.empty() ? Preprocessing{}
                                                                    : graph.preprocessing[i]);
  }
  return ranges;
}

struct Context {
  const Recipe& recipe;
  const datasets::Split& samples;
  const CompressOptions& options;
};

void apply(Graph& graph, const CalibrateStep& step, const Context& context) {
  if (context.samples.count() == 0)
    throw Error(
        ErrorKind::usage,
        fmt::format("the recipe '{}' calibrates, and there are no samples", context.recipe.name),
        graph.name, "give --data; `dynamic_range` and `float16` need none");
  const datasets::Split chosen = choose(context.samples, step.samples, context.options.seed);
  const std::vector<Bytes> inputs = evaluate::encode(graph, chosen, 0, chosen.count());
  calibrate(graph, inputs, chosen.count(),
            {step.observer, pixel_ranges(graph, chosen), context.recipe.scheme()});
}

void apply(Graph& graph, const QuantizeStep& step, const Context&) {
  graph = quantize(graph, step);
}

// Indices and shapes may be int32, int64 or bool; numbers must still be float32.
void check_float(const Graph& model) {
  constexpr DType kCompressed[] = {DType::float16, DType::int8, DType::uint8, DType::int16};
  for (const Value& value : model.values)
    if (std::ranges::count(kCompressed, value.type.dtype) > 0)
      throw Error(ErrorKind::unsupported,
                  fmt::format("the model is quantized already: {}", to_string(value.type)),
                  fmt::format("{}: value '{}'", model.name, value.name),
                  "compress the float32 model that it was made from");
}

// A scheme would hide them, clamp them, or carry them into every output.
void check_finite(const Graph& model) {
  for (const Node& node : model.nodes) {
    int64_t odd = 0, all = 0;
    for (const ValueId id : node.inputs) {
      if (id == kNoValue || !model.value(id).constant()) continue;
      if (model.value(id).type.dtype != DType::float32) continue;
      const auto numbers = data_as<float>(model.value(id));
      all += std::ssize(numbers);
      odd += std::ranges::count_if(numbers, [](float number) { return !std::isfinite(number); });
    }
    if (odd > 0)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("{} of its {} weights are infinite or no numbers", odd, all),
                  fmt::format("{}: {}", model.name, describe(node)),
                  "train or convert the model anew");
  }
}

}  // namespace

Graph compress(const Graph& model, const Recipe& recipe, const datasets::Split& samples,
               const CompressOptions& options) {
  check_float(model);
  check_finite(model);
  Graph graph = model;
  passes::optimize(graph);
  const Context context{recipe, samples, options};
  for (const Step& step : recipe.steps)
    std::visit([&](const auto& s) { apply(graph, s, context); }, step);
  return graph;
}

}  // namespace mote::compress
