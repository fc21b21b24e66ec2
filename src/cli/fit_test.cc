// Whether a model and data go together, from the command line: figures are right, or there is an
// error that says what does not fit. Small models and data made here, whose answers are known.
#include <gtest/gtest.h>

#include "base/random.h"
#include "formats/model_file.h"
#include "ir/node.h"
#include "ir/npy.h"
#include "ops/verify.h"
#include "tests/support/run_mote.h"

namespace mote {
namespace {

using Json = nlohmann::json;

constexpr int32_t kImages = 60;

Array labels_array(const std::vector<int32_t>& labels) {
  return {DType::int32,
          {static_cast<int32_t>(labels.size())},
          to_bytes(std::span<const int32_t>(labels))};
}

class Fit : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = test_folder(); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + name; }

  std::string model(const std::string& name, const Graph& graph) const {
    formats::write_model(path(name), graph);
    return path(name);
  }

  std::string data(const std::string& name, const Array& images,
                   const std::vector<int32_t>& labels) const {
    write_npz(path(name), {{"x_train", images},
                           {"x_test", images},
                           {"y_train", labels_array(labels)},
                           {"y_test", labels_array(labels)}});
    return path(name);
  }

  static Json run_json(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const Outcome outcome = run_mote(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.exit_code == 0 ? outcome.json() : Json();
  }

  std::string folder_;
};

// The channel with the largest mean is the class.
Graph brightest_channel() {
  Graph graph;
  graph.name = std::string("brightest");
  graph.preprocessing = {{}};
  graph.inputs = {add_value(graph, "image", {DType::float32, {1, 4, 4, 3}, {}})};
  ops::AveragePool2D pool;
  pool.window = pool.stride = {4, 4};
  const ValueId mean = add_node(graph, pool, {graph.inputs[0]}, "mean");
  graph.outputs = {add_node(graph, ops::Reshape{{1, 3}}, {mean}, "scores")};
  return graph;
}

std::vector<int32_t> channel_labels() {
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < kImages; n++) labels.push_back(n % 3);
  return labels;
}

// By position of its elements: [N, H, W, C] or another order of the same pixels.
Array colours(const Shape& shape, bool channels_first) {
  Array images{DType::uint8, shape, {}};
  Random random(3);
  for (int32_t n = 0; n < kImages; n++)
    for (int32_t i = 0; i < 48; i++) {
      const bool bright = (channels_first ? i / 16 : i % 3) == n % 3;
      images.data.push_back(static_cast<uint8_t>(random.below(120) + (bright ? 100 : 0)));
    }
  return images;
}

TEST_F(Fit, ImagesAreTakenTransposedOrRefused) {
  const std::string net = model("f.tflite", brightest_channel());
  const std::string last = data("last.npz", colours({kImages, 4, 4, 3}, false), channel_labels());
  const std::string first = data("first.npz", colours({kImages, 3, 4, 4}, true), channel_labels());
  const std::string flat = data("flat.npz", colours({kImages, 48}, false), channel_labels());
  for (const std::string& fitting : {last, first, flat}) {
    const Json json = run_json({"evaluate", net, "--data", fitting});
    EXPECT_EQ(json.at("top1"), 1.0) << fitting;
    EXPECT_EQ(json.at("notes").size(), fitting == first ? 1 : 0) << fitting;
  }
  const Outcome said = run_mote({"evaluate", net, "--data", first});
  EXPECT_NE(said.err.find("transposed"), std::string::npos) << said.err;
  const Json small =
      run_json({"compress", net, "--data", first, "--recipe", "int8", "-o", path("q.tflite")});
  EXPECT_EQ(small.at("top1_before"), 1.0);
  EXPECT_EQ(small.at("top1_after"), 1.0);
  EXPECT_EQ(small.at("notes").size(), 1u);

  const std::string other = data("other.npz", colours({kImages, 4, 3, 4}, false), channel_labels());
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"evaluate", net, "--data", other},
        {"compress", net, "--data", other, "--recipe", "int8", "-o", path("other.tflite")},
        {"deploy", net, "--data", other, "--run", "--device", "mps2-an386", "-o", path("fw")}}) {
    const Outcome refused = run_mote(command);
    EXPECT_EQ(refused.exit_code, 2) << command[0];
    EXPECT_NE(refused.err.find("[1, 4, 4, 3]"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("[1, 4, 3, 4]"), std::string::npos) << refused.err;
  }
}

TEST_F(Fit, RunTakesTheSameShapes) {
  const std::string net = model("f.tflite", brightest_channel());
  std::vector<Json> outputs;
  for (const Array& images :
       {colours({kImages, 4, 4, 3}, false), colours({kImages, 3, 4, 4}, true)})
    write_npy(path(images.shape[1] == 3 ? "first.npy" : "last.npy"), images);
  for (const char* name : {"last.npy", "first.npy"}) {
    const Json json = run_json(
        {"run", net, "--input", path(name), "--output", path("y.npy"), "--preprocess", "scale=1"});
    EXPECT_EQ(json.at("notes").size(), name[0] == 'f' ? 1 : 0);
    const Array scores = read_npy(path("y.npy"));
    ASSERT_EQ(scores.shape, (Shape{kImages, 3}));
    const auto* score = reinterpret_cast<const float*>(scores.data.data());
    for (int32_t n = 0; n < kImages; n++)
      EXPECT_EQ(std::max_element(score + 3 * n, score + 3 * n + 3) - score - 3 * n, n % 3);
  }
}

// y = x0 - x1, in one output.
Graph difference() {
  Graph graph;
  graph.name = std::string("difference");
  graph.inputs = {add_value(graph, "x", {DType::float32, {1, 2}, {}})};
  const ValueId w = add_constant(graph, "w", Shape{1, 2}, {1.0f, -1.0f});
  const ValueId b = add_constant(graph, "b", Shape{1}, {0.0f});
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {graph.inputs[0], w, b}, "y")};
  return graph;
}

TEST_F(Fit, OneOutputDecidesByItsSignWhateverTheScheme) {
  std::vector<float> pairs;
  std::vector<int32_t> labels;
  Random random(5);
  for (int32_t n = 0; n < kImages; n++) {
    const auto x = static_cast<float>(random.uniform(-1, 1));
    labels.push_back(n % 2);
    pairs.insert(pairs.end(), {x, n % 2 == 1 ? x - 0.5f : x + 0.5f});
  }
  const Array images{DType::float32, {kImages, 2}, to_bytes(std::span<const float>(pairs))};
  const std::string net = model("f.tflite", difference());
  const std::string pairs_file = data("pairs.npz", images, labels);
  for (const std::string recipe : {"float32", "float16", "dynamic_range", "int8", "int16x8"}) {
    const std::string small = path(recipe + ".tflite");
    const Json json =
        run_json({"compress", net, "--data", pairs_file, "--recipe", recipe, "-o", small});
    EXPECT_EQ(json.at("top1_before"), 1.0) << recipe;
    EXPECT_EQ(json.at("top1_after"), 1.0) << recipe;
    const Json evaluated = run_json({"evaluate", small, "--data", pairs_file});
    EXPECT_EQ(evaluated.at("per_class").size(), 2u);
    EXPECT_EQ(evaluated.at("macro_recall"), 1.0) << recipe;
    EXPECT_TRUE(evaluated.at("notes").empty()) << evaluated.at("notes");
  }
}

TEST_F(Fit, LabelsThatAreNoClassAreCounted) {
  const std::string net = model("f.tflite", brightest_channel());
  std::vector<int32_t> from_one = channel_labels(), fewer = channel_labels();
  for (int32_t& label : from_one) label++;
  for (int32_t& label : fewer) label = label == 2 ? 0 : label;
  const Array images = colours({kImages, 4, 4, 3}, false);
  const Outcome refused = run_mote({"evaluate", net, "--data", data("1.npz", images, from_one)});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("20 of 60 labels"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("begin at 1"), std::string::npos) << refused.err;
  const Json json = run_json({"evaluate", net, "--data", data("2.npz", images, fewer)});
  EXPECT_EQ(json.at("notes").size(), 1u);
}

// C takes "a-b" and "a.b" for the same name, which a user of both must know.
TEST_F(Fit, ANameThatCLacksIsSaid) {
  for (const char* name : {"a-b", "a.b"}) {
    const std::string net = model(std::string(name) + ".tflite", brightest_channel());
    const Json json = run_json({"deploy", net, "--device", "microbit", "-o", path("a_b")});
    EXPECT_EQ(json.at("name"), "a_b");
    ASSERT_EQ(json.at("notes").size(), 1u);
    EXPECT_NE(json.at("notes")[0].get<std::string>().find("--name gives another"),
              std::string::npos);
    EXPECT_TRUE(run_json({"deploy", net, "--device", "microbit", "-o", path("x"), "--name", "x"})
                    .at("notes")
                    .empty());
  }
}

// Its one output is positive where the pixel is above the middle of 0 to 1.
Graph bright() {
  Graph graph;
  graph.name = std::string("bright");
  graph.inputs = {add_value(graph, "pixel", {DType::float32, {1, 1, 1, 1}, {}})};
  const ValueId w = add_constant(graph, "w", Shape{1, 1, 1, 1}, {2.0f});
  const ValueId b = add_constant(graph, "b", Shape{1}, {-1.0f});
  const ValueId y = add_node(graph, ops::Conv2D{}, {graph.inputs[0], w, b}, "conv");
  graph.outputs = {add_node(graph, ops::Reshape{{1, 1}}, {y}, "y")};
  return graph;
}

TEST_F(Fit, PixelsArePreprocessedAndTheModelRemembersHow) {
  Array pixels{DType::uint8, {kImages, 1, 1, 1}, {}};
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < kImages; n++) {
    pixels.data.push_back(static_cast<uint8_t>(n % 2 == 1 ? 140 + n : 110 - n));
    labels.push_back(n % 2);
  }
  const std::string net = model("f.tflite", bright());
  const std::string file = data("pixels.npz", pixels, labels);
  const Json raw = run_json({"evaluate", net, "--data", file});
  EXPECT_EQ(raw.at("top1"), 0.5);
  EXPECT_NE(raw.at("notes").at(0).get<std::string>().find("--preprocess"), std::string::npos);
  EXPECT_TRUE(
      run_json({"evaluate", net, "--data", file, "--preprocess", "scale=1"}).at("notes").empty());
  // Scales alone go into the weights, a bias stays in the file.
  for (const std::string preprocess : {"scale=1/255", "scale=0.0078431373,bias=-0.5"}) {
    const bool biased = preprocess.find("bias") != std::string::npos;
    Graph wanted = bright();
    if (biased) {  // for pixels of -0.5 to 1.5: its middle is 0.5 as well
      wanted.value(wanted.nodes[0].inputs[1]).data =
          std::make_shared<const Bytes>(to_bytes<float>(std::vector<float>{1.0f}));
      wanted.value(wanted.nodes[0].inputs[2]).data =
          std::make_shared<const Bytes>(to_bytes<float>(std::vector<float>{-0.5f}));
    }
    const std::string foreign = model("foreign.tflite", wanted);
    const std::string small = path("q.tflite");
    for (const std::string recipe : {"int8", "float32", "float16"}) {
      const Json json = run_json({"compress", foreign, "--data", file, "--recipe", recipe,
                                  "--preprocess", preprocess, "-o", small});
      EXPECT_EQ(json.at("top1_before"), 1.0) << recipe;
      EXPECT_EQ(json.at("top1_after"), 1.0) << recipe;
      EXPECT_EQ(run_json({"evaluate", small, "--data", file}).at("top1"), 1.0) << recipe;
      const Json both =
          run_json({"evaluate", foreign, small, "--data", file, "--preprocess", preprocess});
      for (const Json& row : both.at("models")) EXPECT_EQ(row.at("top1"), 1.0) << row;
      const Graph kept = formats::read_model(small);
      ASSERT_EQ(kept.preprocessing.size(), 1u);
      EXPECT_EQ(kept.preprocessing[0].identity(), !biased);
    }
  }
  EXPECT_EQ(run_mote({"evaluate", net, "--data", file, "--preprocess", "scale=1,2"}).exit_code, 2);
}

TEST_F(Fit, RecipesThatDoNotCalibrateNeedNoData) {
  const std::string net = model("f.tflite", difference());
  for (const std::string recipe : {"float32", "float16", "dynamic_range"}) {
    const std::vector<std::string> command = {"compress", net,  "--recipe",
                                              recipe,     "-o", path("small.tflite")};
    const Json json = run_json(command);
    EXPECT_TRUE(json.at("top1_before").is_null());
    EXPECT_TRUE(json.at("top1_after").is_null());
    EXPECT_TRUE(json.at("data").is_null());
    EXPECT_EQ(json.at("not_evaluated"), "no --data was given");
    EXPECT_NE(run_mote(command).out.find("not evaluated"), std::string::npos);
    EXPECT_EQ(formats::read_model(path("small.tflite")).outputs.size(), 1u);
  }
  const Outcome refused =
      run_mote({"compress", net, "--recipe", "int8", "-o", path("int8.tflite")});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("give --data"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(path("int8.tflite")));
}

// y = the sum of a - the sum of b, in one output.
Graph two_inputs() {
  Graph graph;
  graph.name = std::string("two");
  graph.inputs = {add_value(graph, "a", {DType::float32, {1, 3}, {}}),
                  add_value(graph, "b", {DType::float32, {1, 2}, {}})};
  const auto sum = [&](ValueId x, int32_t count, float factor, const std::string& name) {
    const ValueId w = add_constant(graph, name + "/w", Shape{1, count},
                                   std::vector<float>(static_cast<size_t>(count), factor));
    return add_node(graph, ops::FullyConnected{}, {x, w}, name);
  };
  const ValueId plus = sum(graph.inputs[0], 3, 1.0f, "plus");
  const ValueId minus = sum(graph.inputs[1], 2, -1.0f, "minus");
  graph.outputs = {add_node(graph, ops::Add{}, {plus, minus}, "y")};
  return graph;
}

TEST_F(Fit, SeveralInputsTakeAnArrayEach) {
  const std::string net = model("two.tflite", two_inputs());
  constexpr int32_t kCount = 100;
  Random random(9);
  std::vector<float> a, b;
  std::vector<int32_t> labels;
  for (int32_t n = 0; n < kCount; n++) {
    for (int i = 0; i < 3; i++) a.push_back(static_cast<float>(random.uniform(0, 2)));
    const float sum = a[a.size() - 1] + a[a.size() - 2] + a[a.size() - 3];
    labels.push_back(n % 2);
    const float half = (n % 2 == 1 ? sum - 0.5f : sum + 0.5f) / 2;
    b.insert(b.end(), {half, half});
  }
  const Array first{DType::float32, {kCount, 3}, to_bytes(std::span<const float>(a))};
  const Array second{DType::float32, {kCount, 2}, to_bytes(std::span<const float>(b))};
  write_npz(path("both.npz"), {{"a", first}, {"b", second}, {"y", labels_array(labels)}});
  for (const std::string recipe : {"float16", "dynamic_range"})
    EXPECT_TRUE(run_json({"compress", net, "--recipe", recipe, "-o", path("small.tflite")})
                    .at("top1_after")
                    .is_null());
  for (const std::string recipe : {"float16", "dynamic_range", "int8", "int16x8"}) {
    const std::string small = path("small.tflite");
    const Json json =
        run_json({"compress", net, "--data", path("both.npz"), "--recipe", recipe, "-o", small});
    EXPECT_EQ(json.at("top1_before"), 1.0) << recipe;
    EXPECT_EQ(json.at("top1_after"), 1.0) << recipe;
    const Json both = run_json({"evaluate", net, small, "--data", path("both.npz")});
    EXPECT_EQ(both.at("samples"), kCount / 5);
    for (const Json& row : both.at("models")) EXPECT_EQ(row.at("top1"), 1.0) << row;
  }
  write_npy(path("a.npy"), first);
  write_npy(path("b.npy"), second);
  run_json({"run", net, "--input", "b=" + path("b.npy"), "--input", "a=" + path("a.npy"),
            "--output", path("y.npy")});
  EXPECT_EQ(read_npy(path("y.npy")).shape, (Shape{kCount, 1}));

  write_npz(path("one.npz"), {{"a", first}, {"y", labels_array(labels)}});
  const Outcome lacks = run_mote(
      {"compress", net, "--data", path("one.npz"), "--recipe", "int8", "-o", path("no.tflite")});
  EXPECT_EQ(lacks.exit_code, 3);
  EXPECT_NE(lacks.err.find("no array 'b'"), std::string::npos) << lacks.err;
  EXPECT_EQ(run_mote({"evaluate", net, "--data", "glyphs"}).exit_code, 2);
}

}  // namespace
}  // namespace mote
