#include "compress/search/sensitivity.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "evaluate/inspection.h"
#include "ir/node.h"

namespace mote::compress {
namespace {

LayerBits bits_with(const Graph& graph, QuantizeOptions options, int32_t bits) {
  options.weight_bits = bits;
  return layer_bits_of(graph, options);
}

// Those whose bits follow weight_bits.
std::vector<SearchedLayer> open_layers(const Graph& graph, const LayerBits& least,
                                       const LayerBits& most) {
  std::vector<SearchedLayer> layers;
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    if (least[i] == most[i]) continue;
    const std::string& name = graph.nodes[i].origin;
    const auto known = std::ranges::find(layers, name, &SearchedLayer::name);
    if (known == layers.end()) {
      layers.push_back({name, {i}, {}});
    } else {
      known->nodes.push_back(i);
    }
  }
  return layers;
}

std::vector<const LayerFit*> fits_of(const LayerFits& all, const SearchedLayer& layer,
                                     int32_t bits) {
  std::vector<const LayerFit*> fits;
  for (const LayerFit& fit : all.fits)
    if (fit.bits == bits && std::ranges::count(layer.nodes, fit.node) > 0) fits.push_back(&fit);
  return fits;
}

// The bytes of every layer where all have so many bits.
void add_bytes(Sensitivities& result, const LayerFits& fits, const QuantizeOptions& options,
               size_t index) {
  std::vector<const LayerFit*> all;
  for (const SearchedLayer& layer : result.layers)
    for (const LayerFit* fit : fits_of(fits, layer, layer.sensitivity[index].bits))
      all.push_back(fit);
  const evaluate::Inspection inspection =
      evaluate::inspect(quantized_as_fitted(with_layers(fits.graph, all), options),
                        evaluate::Passes::all, options.prefer);
  for (SearchedLayer& layer : result.layers) {
    const auto found = inspection.layer_constants.find(layer.name);
    if (found != inspection.layer_constants.end())
      layer.sensitivity[index].constant_bytes = found->second.sum();
  }
}

}  // namespace

Graph quantized_as_fitted(const Graph& fitted, const QuantizeOptions& options) {
  return quantize(fitted, {.scheme = options.scheme, .bias_bits = options.bias_bits});
}

Sensitivities sensitivities(const Graph& graph, const QuantizeOptions& options,
                            const CalibrationSamples& samples, const evaluate::Reference& reference,
                            const SearchProgress& progress) {
  const SchemeInfo& info = info_of(options.scheme);
  const int32_t least = info.least_weight_bits, most = info.most_weight_bits();
  Sensitivities result;
  result.most = bits_with(graph, options, most);
  result.layers = open_layers(graph, bits_with(graph, options, least), result.most);
  if (result.layers.empty())
    throw Error(ErrorKind::usage, "no layer's bits are left to choose", graph.name,
                "leave out first_bits, last_bits, depthwise_bits or layer_bits");
  std::vector<std::vector<int32_t>> trials(graph.nodes.size());
  for (const SearchedLayer& layer : result.layers)
    for (const size_t node : layer.nodes)
      for (int32_t bits = least; bits <= most; bits++) trials[node].push_back(bits);
  const LayerFits fits = fitted_layer_by_layer(graph, options, samples, result.most, trials);
  const Graph full = quantized_as_fitted(fits.graph, options);
  result.constant_bytes =
      evaluate::inspect(full, evaluate::Passes::all, options.prefer).constant_bytes;
  result.divergence = reference.of(full);
  for (size_t i = 0; i < result.layers.size(); i++) {
    SearchedLayer& layer = result.layers[i];
    if (progress)
      progress(static_cast<double>(i) / static_cast<double>(result.layers.size()),
               fmt::format("what bits of '{}' are worth", layer.name));
    for (int32_t bits = least; bits <= most; bits++) {
      const std::vector<const LayerFit*> own = fits_of(fits, layer, bits);
      layer.sensitivity.push_back(
          {bits, bits == most
                     ? result.divergence
                     : reference.of(quantized_as_fitted(with_layers(fits.graph, own), options))});
    }
  }
  for (size_t i = 0; i < result.layers[0].sensitivity.size(); i++)
    add_bytes(result, fits, options, i);
  return result;
}

}  // namespace mote::compress
