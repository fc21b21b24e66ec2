#include "evaluate/layer_error.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"
#include "compress/compress.h"
#include "datasets/dataset.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"
#include "formats/model_file.h"
#include "ir/node.h"
#include "ir/scheme.h"
#include "tests/support/glyphs.h"
#include "tests/support/temp_path.h"
#include "zoo/zoo.h"

namespace mote::evaluate {
namespace {

Graph float_network(const std::string& name = "zoo:custom?width=0.5") {
  return zoo::build(name, {.input = {28, 28, 1}, .classes = 10});
}

Graph compressed(const Graph& graph, std::string_view recipe) {
  return compress::compress(graph, compress::load_recipe(std::string(recipe)), glyphs().train);
}

std::vector<std::optional<double>> error_of(const Graph& original, const Graph& compressed) {
  return layer_error(original, compressed, glyphs().train, {.samples = 16});
}

size_t index_of(const Graph& graph, std::string_view output) {
  for (size_t i = 0; i < graph.nodes.size(); i++)
    if (graph.value(graph.nodes[i].outputs[0]).name == output) return i;
  ADD_FAILURE() << "no node makes '" << output << "'";
  return 0;
}

TEST(LayerError, EverySchemeHasItsNoise) {
  const Graph original = float_network();
  for (const SchemeInfo& info : schemes()) {
    SCOPED_TRACE(info.name);
    const Graph graph = compressed(original, info.name);
    const auto db = error_of(original, graph);
    ASSERT_EQ(db.size(), graph.nodes.size());
    const auto first = db[index_of(graph, "conv1/relu")], last = db[index_of(graph, "classifier")];
    EXPECT_FALSE(db.back());  // the Softmax
    EXPECT_FALSE(db[index_of(graph, "flatten")]);
    if (info.scheme == Scheme::float32) {
      for (const auto& layer : db) EXPECT_FALSE(layer);
      continue;
    }
    if (info.scheme == Scheme::dynamic_range) {
      EXPECT_FALSE(first);  // too few weights to be quantized
      continue;
    }
    ASSERT_TRUE(first && last);
    const double least = info.scheme == Scheme::float16   ? 55
                         : info.scheme == Scheme::int16x8 ? 30
                                                          : 20;
    EXPECT_GT(*first, least);
    EXPECT_GT(*last, least);
    EXPECT_LT(*first, 120);
  }
}

// Rounds the weights of one layer to multiples of 32.
Graph with_coarse_weights(Graph graph, const std::string& output) {
  const Node& node = graph.nodes[index_of(graph, output)];
  Value& weights = graph.value(node.inputs.at(1));
  Bytes data = *weights.data;
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(static_cast<int8_t>(byte) / 32 * 32);
  weights.data = std::make_shared<const Bytes>(std::move(data));
  return graph;
}

TEST(LayerError, NamesTheLayerToBlame) {
  const Graph original = float_network();
  const Graph good = compressed(original, "int8");
  const auto before = error_of(original, good);
  for (const char* culprit : {"conv2/relu", "conv5/relu", "classifier"}) {
    const auto after = error_of(original, with_coarse_weights(good, culprit));
    const size_t at = index_of(good, culprit);
    for (size_t i = 0; i < after.size(); i++) {
      if (i != at) {
        EXPECT_EQ(after[i], before[i]) << "a layer answers for itself alone";
      }
      if (i != at && after[i]) {
        EXPECT_GT(*after[i], *after[at] + 3) << good.nodes[i].origin << " for " << culprit;
      }
    }
    EXPECT_LT(*after[at], *before[at] - 10) << culprit;
  }
}

std::vector<double> logits(const Graph& graph, const Array& images, int32_t count) {
  Graph cut = graph;
  cut.outputs = {cut.nodes.back().inputs.at(0)};
  cut.nodes.pop_back();
  eliminate_dead(cut);
  const TensorType& type = cut.value(cut.outputs[0]).type;
  const Bytes bytes =
      make_engine("reference", cut)->run({encode(cut, images, 0, count)}, count).at(0);
  std::vector<double> reals;
  for (size_t i = 0; i < bytes.size(); i += size_of(type.dtype))
    if (type.dtype == DType::int8)
      reals.push_back((static_cast<int8_t>(bytes[i]) - type.quantization->zero_point[0]) *
                      static_cast<double>(type.quantization->scale[0]));
    else
      reals.push_back(*reinterpret_cast<const float*>(&bytes[i]));
  return reals;
}

TEST(LayerError, TheLayersNoiseAddsUpToTheNetworks) {
  for (const char* name : {"zoo:custom?width=0.5", "zoo:resnet8?input=28x28x1&classes=10"}) {
    SCOPED_TRACE(name);
    const Graph original = float_network(name);
    const Graph graph = compressed(original, "int8");
    double sum = 0;
    for (const auto& layer : error_of(original, graph))
      if (layer) sum += std::pow(10, -*layer / 10);
    const auto exact = logits(original, glyphs().train.images, 16);
    const auto noisy = logits(graph, glyphs().train.images, 16);
    double signal = 0, noise = 0;
    for (size_t i = 0; i < exact.size(); i++) {
      signal += exact[i] * exact[i];
      noise += (exact[i] - noisy[i]) * (exact[i] - noisy[i]);
    }
    EXPECT_NEAR(-10 * std::log10(sum), 10 * std::log10(signal / noise), 3);
  }
}

TEST(LayerError, KnowsTheLayersOfAFile) {
  const Graph original = float_network("zoo:mobilenet_v2?width=0.25&input=28x28x1&classes=10");
  const Graph graph = compressed(original, "int8");
  const std::string float_path = temp_path("float.tflite"), path = temp_path("int8.tflite");
  formats::write_model(float_path, compressed(original, "float32"));
  formats::write_model(path, graph);
  const auto db = layer_error(original, graph, glyphs().train, {.samples = 2});
  EXPECT_EQ(layer_error(formats::read_model(float_path), formats::read_model(path), glyphs().train,
                        {.samples = 2}),
            db);
  EXPECT_GT(std::ranges::count_if(db, [](const auto& layer) { return layer.has_value(); }), 50);
}

// A layer without some of its channels cannot take the place of one that has them.
TEST(LayerError, SaysNothingOfLayersThatLostChannels) {
  const Graph original = float_network();
  compress::PruneStep prune;
  prune.options.what = compress::Pruned::channels;
  const compress::Recipe recipe{.name = "pruned", .description = {}, .steps = {prune}};
  const Graph graph = compress::compress(original, recipe, glyphs().train);
  const auto db = error_of(original, graph);
  ASSERT_EQ(db.size(), graph.nodes.size());
  EXPECT_FALSE(db[index_of(graph, "conv1/relu")]);
}

TEST(LayerError, RefusesAModelOfOtherLayers) {
  const Graph graph = compressed(float_network(), "int8");
  Graph other = float_network();
  for (Value& value : other.values) value.name += "_other";
  try {
    error_of(other, graph);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
  }
  EXPECT_THROW(layer_error(float_network(), graph, datasets::Split{}), Error);
}

}  // namespace
}  // namespace mote::evaluate
