#include "compress/compress.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "compress/quantize/quantize.h"
#include "datasets/split.h"
#include "evaluate/samples.h"
#include "ir/error.h"
#include "ir/random.h"
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

// What raw pixels can be once they are preprocessed.
std::vector<RealRange> pixel_ranges(const Graph& graph, DType images) {
  if (images != DType::uint8) return {};
  const Preprocessing p = graph.preprocessing.empty() ? Preprocessing{} : graph.preprocessing[0];
  RealRange range{p.bias[0], p.bias[0]};
  for (size_t c = 0; c < std::max(p.scale.size(), p.bias.size()); c++)
    for (float pixel : {0.0f, 255.0f}) {
      const float real = p.scale[c % p.scale.size()] * pixel + p.bias[c % p.bias.size()];
      range = {std::min(range.min, real), std::max(range.max, real)};
    }
  return {range};
}

void apply(Graph& graph, const CalibrateStep& step, const datasets::Split& samples,
           const CompressOptions& options) {
  if (samples.count() == 0)
    throw Error(ErrorKind::usage, "no samples to calibrate with", graph.name, "give --data");
  const Array images = choose(samples, step.samples, options.seed);
  const int32_t count = images.shape[0];
  calibrate(graph, {evaluate::encode(graph, images, 0, count)}, count,
            {step.observer, pixel_ranges(graph, images.dtype)});
}

void apply(Graph& graph, const QuantizeStep&, const datasets::Split&, const CompressOptions&) {
  graph = quantize_int8(graph);
}

}  // namespace

Graph compress(const Graph& model, const Recipe& recipe, const datasets::Split& samples,
               const CompressOptions& options) {
  for (const Value& value : model.values)
    if (value.type.dtype == DType::int8)
      throw Error(ErrorKind::unsupported, "the model is quantized already",
                  fmt::format("{}: value '{}'", model.name, value.name),
                  "compress the float model that it was made from");
  Graph graph = model;
  passes::optimize(graph);
  for (const Step& step : recipe.steps)
    std::visit([&](const auto& s) { apply(graph, s, samples, options); }, step);
  return graph;
}

}  // namespace mote::compress
