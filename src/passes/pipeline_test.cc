#include "passes/pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/random.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ops/verify.h"
#include "tests/support/large_graphs.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/real_files.h"
#include "tests/support/small_zoo.h"
#include "zoo/zoo.h"

namespace mote::passes {
namespace {

// A network as if it had been trained: every parameter of every batch norm is another number.
Graph trained(const std::string& name) {
  Graph graph = zoo::build(name);
  Random random(7);
  for (const Node& node : graph.nodes) {
    if (!std::holds_alternative<ops::BatchNorm>(node.op)) continue;
    for (size_t i = 1; i < node.inputs.size(); i++) {
      Value& value = graph.value(node.inputs[i]);
      std::vector<float> numbers = float_data(value);
      for (float& x : numbers) x += static_cast<float>(random.uniform(-0.4, 0.4));
      value.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(numbers)));
    }
  }
  return graph;
}

std::vector<float> run_on_pixels(const Graph& graph) {
  std::vector<float> pixels(
      static_cast<size_t>(element_count(graph.value(graph.inputs[0]).type.shape)));
  Random random(3);
  const Preprocessing p = graph.preprocessing.empty() ? Preprocessing{} : graph.preprocessing[0];
  for (size_t i = 0; i < pixels.size(); i++)
    pixels[i] = p.scale[i % p.scale.size()] * static_cast<float>(random.below(256)) +
                p.bias[i % p.bias.size()];
  const std::vector<Bytes> inputs = {to_bytes(std::span<const float>(pixels))};
  const Bytes output = interpret::run(testing::lower_for_host(graph), inputs)[0];
  std::vector<float> numbers(output.size() / sizeof(float));
  std::memcpy(numbers.data(), output.data(), output.size());
  return numbers;
}

// Up to 1e-4 of the largest output: where terms cancel, the small ones have the error of the large.
void expect_close(const std::vector<float>& actual, const std::vector<float>& expected,
                  const std::string& what) {
  float largest = 1.0f;
  for (float x : expected) largest = std::max(largest, std::abs(x));
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); i++)
    ASSERT_NEAR(actual[i], expected[i], 1e-4f * largest) << what;
}

size_t count_of(const Graph& graph, std::string_view op) {
  return static_cast<size_t>(std::ranges::count_if(
      graph.nodes, [&](const Node& node) { return mote::name_of(node.op) == op; }));
}

// A batch norm that no convolution can take: in a residual network with pre-activation it follows
// the addition.
size_t batch_norms_of_sums(const Graph& graph) {
  const std::vector<int32_t> makers = producers(graph);
  return static_cast<size_t>(std::ranges::count_if(graph.nodes, [&](const Node& node) {
    if (!std::holds_alternative<ops::BatchNorm>(node.op)) return false;
    const int32_t maker = makers[static_cast<size_t>(node.inputs[0])];
    return maker >= 0 &&
           std::holds_alternative<ops::Add>(graph.nodes[static_cast<size_t>(maker)].op);
  }));
}

TEST(Pipeline, OptimizesTheZoo) {
  std::vector<std::string> names = testing::small_zoo();
  names.insert(names.end(), {"custom", "lenet5", "resnet8"});
  for (const std::string& name : names) {
    const Graph before = trained(name);
    Graph after = before;
    optimize(after);
    for (const char* gone : {"BatchNorm", "Relu", "Relu6"})
      EXPECT_EQ(count_of(after, gone), 0u) << name;
    EXPECT_EQ(count_of(after, "DepthwiseConv2D"),
              count_of(before, "DepthwiseConv2D") + batch_norms_of_sums(before))
        << name;
    for (const Preprocessing& p : after.preprocessing) EXPECT_TRUE(p.identity()) << name;
    expect_close(run_on_pixels(after), run_on_pixels(before), name);
  }
  EXPECT_EQ(batch_norms_of_sums(zoo::build("resnet20_v2")), 6u);
}

TEST(Pipeline, SaysWhatItDid) {
  Graph graph = trained("custom");
  for (const PassReport& report : optimize(graph)) {
    EXPECT_EQ(report.changed, report.name == "fold_batch_norm" ||
                                  report.name == "fuse_activation" ||
                                  report.name == "fold_preprocessing")
        << report.name;
    EXPECT_NE(report.kind, Kind::lossy) << report.name;
  }
}

TEST(Pipeline, HasNothingToDoTwice) {
  Graph once = trained("resnet8");
  optimize(once);
  Graph twice = once;
  for (const PassReport& report : optimize(twice)) EXPECT_FALSE(report.changed) << report.name;
  EXPECT_EQ(once, twice);
}

// A few bytes of text that ask for four gigabytes: nothing is computed on their say-so.
TEST(Pipeline, DoesNotFoldWhatIsHuge) {
  Graph graph = parse(R"(graph g
input x: float32[1, 1]
  c: float32[1, 1] = [1]
huge: float32[32768, 32768] = Pad(c) {before: [0, 0], after: [32767, 32767]}
sum: float32[32768, 32768] = Add(x, huge)
output sum
)",
                      {});
  for (const PassReport& report : optimize(graph)) EXPECT_FALSE(report.changed) << report.name;
}

// 140,000 nodes: what looks through all of them for each would take ten thousand million steps
// here, and what allocates for each, the test's time limit.
TEST(Pipeline, TakesNoLongerForANodeTheMoreThereAre) {
  constexpr size_t kLayers = 20'000;
  Graph graph = testing::large_graph(kLayers);
  ASSERT_EQ(graph.nodes.size(), 7 * kLayers);
  const PrintedGraph printed = print(graph);
  EXPECT_EQ(parse(printed.text, printed.constants), graph);
  optimize(graph);
  // Of each layer stay the dense layer, which has taken the batch norm and the Relu, and the Add.
  EXPECT_EQ(graph.nodes.size(), 2 * kLayers);
  verify(graph, Level::quantized);
}

// A padding that a convolution cannot have stays a node.
TEST(Pipeline, LeavesAPadThatNoConvolutionTakes) {
  Graph graph = parse(R"(graph g
input x: float32[1, 1, 1, 1]
p: float32[1, 1, 16777218, 1] = Pad(x) {before: [0, 0, 16777217, 0], after: [0, 0, 0, 0]}
  w: float32[1, 1, 1, 1] = [1]
y: float32[1, 1, 2, 1] = Conv2D(p, w) {stride: 1x16777216}
output y
)",
                      {});
  EXPECT_NO_THROW(optimize(graph));
  EXPECT_EQ(count_of(graph, "Pad"), 1u);
}

// Puts another digit for a digit, or another value's name (a single letter) for a name.
void change(std::string& text, Random& random) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const size_t at = 1 + random.below(text.size() - 2);
  const bool digit = text[at] >= '0' && text[at] <= '9';
  const bool name = is_letter(text[at]) && text[at - 1] == ' ' && !is_letter(text[at + 1]);
  const std::string_view others = digit ? "0123467" : name ? "xwcpnrmvdefso" : "";
  if (others.empty()) return change(text, random);
  text[at] = others[random.below(others.size())];
}

// Whatever graph is legal, the passes leave one that is legal and computes the same: other sizes,
// attributes and connections at seeded places of a text.
TEST(Pipeline, LeavesEveryGraphLegalAndTheSame) {
  const std::string text = R"(graph g
input x: float32[1, 6, 6, 2] preprocess {scale: [2, 3], bias: [0, 0]}
a: float32[1, 7, 7, 2] = Pad(x) {before: [0, 1, 1, 0], after: [0, 0, 0, 0]}
  w: float32[2, 1, 1, 2] = [1, 2, 3, 4]
c: float32[1, 7, 7, 2] = Conv2D(a, w) {stride: 1x1, padding: [0, 0, 0, 0], groups: 1}
  p: float32[2] = [1, 2]
n: float32[1, 7, 7, 2] = BatchNorm(c, p, p, p, p)
r: float32[1, 7, 7, 2] = Relu(n)
m: float32[1, 7, 7, 2] = BatchNorm(r, p, p, p, p)
  v: float32[1, 1, 1, 2] = [1, 2]
d: float32[1, 7, 7, 2] = DepthwiseConv2D(m, v)
e: float32[1, 7, 7, 2] = Relu6(d)
f: float32[1, 98] = Reshape(e) {shape: [1, -1]}
s: float32[7, 14] = Reshape(f) {shape: [7, 14]}
o: float32[7, 14] = Relu(s)
output o
)";
  Random random(1);
  int legal = 0;
  for (int i = 0; i < 3000; i++) {
    std::string changed = text;
    for (uint64_t changes = 1 + random.below(3); changes > 0; changes--) change(changed, random);
    Graph graph;
    std::vector<float> expected;
    try {
      graph = parse(changed, {});
      infer_shapes(graph);
      expected = run_on_pixels(graph);
    } catch (const Error&) {
      continue;
    }
    legal++;
    EXPECT_NO_THROW(optimize(graph)) << changed;
    expect_close(run_on_pixels(graph), expected, changed);
  }
  EXPECT_GT(legal, 100);
}

// Integer networks of the literature: whatever the passes do to them, no output byte changes.
TEST(Pipeline, KeepsEveryByteOfIntegerModels) {
  const std::string folder = testing::folder_from("MOTE_MODELS_DIR");
  if (folder.empty()) GTEST_SKIP() << "MOTE_MODELS_DIR is not set";
  for (const char* name :
       {"hello_world_int8", "kws_dscnn_int8", "micro_speech_int8", "resnet8_int8", "sww_int8"}) {
    const Graph before = formats::read_model(folder + "/" + name + ".tflite");
    Graph after = before;
    for (const PassReport& report : optimize(after))
      EXPECT_TRUE(report.kind == Kind::exact || !report.changed) << name << ": " << report.name;
    Bytes input(static_cast<size_t>(byte_size(before.value(before.inputs.at(0)).type)));
    Random random(5, name);
    for (uint8_t& byte : input) byte = static_cast<uint8_t>(random.below(256));
    const std::vector<Bytes> inputs = {input};
    EXPECT_EQ(interpret::run(testing::lower_for_host(after), inputs),
              interpret::run(testing::lower_for_host(before), inputs))
        << name;
  }
}

TEST(Pipeline, ABrokenPassIsOurBug) {
  const Pass breaks{"break", Kind::exact, [](Graph& graph) {
                      graph.value(graph.outputs[0]).type.shape.push_back(1);
                      return true;
                    }};
  Graph graph = zoo::build("custom");
  try {
    run(breaks, graph);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::internal);
    EXPECT_EQ(error.where, "after pass break");
  }
}

}  // namespace
}  // namespace mote::passes
