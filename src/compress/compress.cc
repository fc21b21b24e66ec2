#include "compress/compress.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/error.h"
#include "base/random.h"
#include "datasets/split.h"
#include "evaluate/preprocess.h"
#include "evaluate/samples.h"
#include "passes/pipeline.h"

namespace mote::compress {
namespace {

// `count` of the split's images, chosen by seed, in the split's order.
Array choose(const datasets::Split& samples, int32_t count, uint64_t seed) {
  std::vector<int32_t> order(static_cast<size_t>(samples.count()));
  std::iota(order.begin(), order.end(), 0);
  Random random(seed, "calibration");
  random.shuffle(std::span(order));
  order.resize(std::min(order.size(), static_cast<size_t>(count)));
  std::ranges::sort(order);
  return datasets::select(samples, order).images;
}

// What the input can hold, whatever the samples do; nothing where they are no raw pixels.
std::vector<RealRange> pixel_ranges(const Graph& graph, DType images) {
  if (images != DType::uint8) return {};
  return {evaluate::pixel_range(graph.preprocessing.empty() ? Preprocessing{}
                                                            : graph.preprocessing[0])};
}

struct Context {
  const Recipe& recipe;
  const datasets::Split& samples;
  const CompressOptions& options;
};

void apply(Graph& graph, const CalibrateStep& step, const Context& context) {
  if (context.samples.count() == 0)
    throw Error(ErrorKind::usage, "no samples to calibrate with", graph.name, "give --data");
  const Array images = choose(context.samples, step.samples, context.options.seed);
  const int32_t count = images.shape[0];
  calibrate(graph, {evaluate::encode(graph, images, 0, count)}, count,
            {step.observer, pixel_ranges(graph, images.dtype), context.recipe.scheme()});
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

}  // namespace

Graph compress(const Graph& model, const Recipe& recipe, const datasets::Split& samples,
               const CompressOptions& options) {
  check_float(model);
  Graph graph = model;
  passes::optimize(graph);
  const Context context{recipe, samples, options};
  for (const Step& step : recipe.steps)
    std::visit([&](const auto& s) { apply(graph, s, context); }, step);
  return graph;
}

}  // namespace mote::compress
