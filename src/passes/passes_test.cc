// Runs the cases of <pass>_test.txt: the graph before, the graph after, in the text form of
// docs/ir.md. Every case also executes both sides on seeded random inputs.
#include "passes/passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ir/text.h"
#include "passes/pipeline.h"
#include "tests/support/places.h"

namespace mote::passes {
namespace {

constexpr int64_t kInlineAll = INT64_MAX;
constexpr float kTolerance = 1e-4f;

struct Case {
  std::string pass;
  std::string name;
  std::string before;
  std::string after;  // empty: the pass shall change nothing
};

void PrintTo(const Case& c, std::ostream* stream) {
  *stream << c.pass << ": " << c.name;
}

std::string text_of(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path.string());
  return {bytes.begin(), bytes.end()};
}

// A line "== NAME" begins a case, a line "=>" what its graph shall become.
std::vector<Case> read_cases(const std::filesystem::path& path) {
  constexpr std::string_view kSuffix = "_test.txt";
  const std::string file = path.filename().string();
  const std::string pass = file.substr(0, file.size() - kSuffix.size());
  std::vector<Case> cases;
  std::string* part = nullptr;
  std::istringstream lines(text_of(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("== ")) {
      cases.push_back({pass, line.substr(3), "", ""});
      part = &cases.back().before;
    } else if (line == "=>") {
      part = &cases.back().after;
    } else if (part) {
      *part += line + "\n";
    }
  }
  return cases;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("src/passes")))
    if (entry.path().string().ends_with("_test.txt"))
      for (Case& c : read_cases(entry.path())) cases.push_back(std::move(c));
  std::ranges::sort(cases, {}, [](const Case& c) { return std::pair(c.pass, c.name); });
  return cases;
}

const Pass& find_pass(const std::string& name) {
  for (const Pass& pass : pipeline())
    if (pass.name == name) return pass;
  throw Error(ErrorKind::internal, "no pass is called " + name);
}

// Bytes as the caller has them, before preprocessing.
std::vector<Bytes> random_inputs(const Graph& graph, Random& random) {
  std::vector<Bytes> inputs;
  for (ValueId id : graph.inputs) {
    const TensorType& type = graph.value(id).type;
    Bytes bytes(static_cast<size_t>(byte_size(type)));
    if (type.dtype == DType::float32) {
      std::vector<float> numbers(bytes.size() / sizeof(float));
      for (float& x : numbers) x = static_cast<float>(random.uniform(-4, 4));
      bytes = to_bytes(std::span<const float>(numbers));
    } else {
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.below(256));
    }
    inputs.push_back(std::move(bytes));
  }
  return inputs;
}

void preprocess(const Preprocessing& preprocessing, Bytes& bytes) {
  std::vector<float> numbers(bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  for (size_t i = 0; i < numbers.size(); i++)
    numbers[i] = preprocessing.scale[i % preprocessing.scale.size()] * numbers[i] +
                 preprocessing.bias[i % preprocessing.bias.size()];
  bytes = to_bytes(std::span<const float>(numbers));
}

std::vector<Bytes> execute(const Graph& graph, std::vector<Bytes> inputs) {
  for (size_t i = 0; i < graph.preprocessing.size(); i++)
    if (!graph.preprocessing[i].identity()) preprocess(graph.preprocessing[i], inputs[i]);
  return interpret::run(deploy::lower(graph, deploy::host_device()), inputs);
}

void expect_close(const Bytes& actual, const Bytes& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); i += sizeof(float)) {
    float a, b;
    std::memcpy(&a, actual.data() + i, sizeof a);
    std::memcpy(&b, expected.data() + i, sizeof b);
    EXPECT_NEAR(a, b, kTolerance * std::max(1.0f, std::abs(b)));
  }
}

void expect_same_results(const Graph& before, const Graph& after, Kind kind) {
  Random random(1, before.name);
  for (int repetition = 0; repetition < 10; repetition++) {
    const std::vector<Bytes> inputs = random_inputs(before, random);
    const std::vector<Bytes> expected = execute(before, inputs);
    const std::vector<Bytes> actual = execute(after, inputs);
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); i++)
      if (kind == Kind::exact)
        EXPECT_EQ(actual[i], expected[i]);
      else
        expect_close(actual[i], expected[i]);
  }
}

// The whole pipeline: byte for byte, unless a pass that is only float-equivalent had something to
// do.
void expect_optimizes_to_the_same(const Graph& graph) {
  Graph optimized = graph;
  Kind kind = Kind::exact;
  for (const PassReport& report : optimize(optimized))
    if (report.changed && report.kind != Kind::exact) kind = report.kind;
  expect_same_results(graph, optimized, kind);
}

class PassCase : public ::testing::TestWithParam<Case> {};

TEST_P(PassCase, Rewrites) {
  const Case& c = GetParam();
  const Pass& pass = find_pass(c.pass);
  const Graph before = parse(c.before, {}, c.name);
  Graph after = before;
  const PassReport report = run(pass, after);
  EXPECT_EQ(report.changed, !c.after.empty());
  const std::string expected = c.after.empty() ? c.before : c.after;
  EXPECT_EQ(print(after, kInlineAll).text, print(parse(expected, {}, c.name), kInlineAll).text);
  expect_same_results(before, after, report.changed ? pass.kind : Kind::exact);
}

TEST_P(PassCase, RunsAsItIsAndOptimizedAlike) {
  const Case& c = GetParam();
  expect_optimizes_to_the_same(parse(c.before, {}, c.name));
  if (!c.after.empty()) expect_optimizes_to_the_same(parse(c.after, {}, c.name));
}

std::string name_of_case(const ::testing::TestParamInfo<Case>& info) {
  std::string name = info.param.pass + "_" + info.param.name;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Passes, PassCase, ::testing::ValuesIn(all_cases()), name_of_case);

TEST(Passes, EachHasCases) {
  for (const Pass& pass : pipeline())
    EXPECT_GT(std::ranges::count(all_cases(), pass.name, &Case::pass), 0) << pass.name;
}

// ---- views

// Small graphs of views, of clamps and of sums, whose ports are anything: inputs, constants, views
// of them, the same value twice. Computed along with them, in small whole numbers, is what they
// have to give.
class ViewGraph {
 public:
  explicit ViewGraph(uint64_t seed) : random_(seed, "views") {
    graph.name = fmt::format("views {}", seed);
    for (size_t i = 0, count = 1 + random_.below(2); i < count; i++) {
      graph.inputs.push_back(add(random_numbers(), any_shape()));
      inputs.push_back(to_bytes(std::span<const float>(numbers_.back())));
    }
    for (size_t i = 0, count = 1 + random_.below(3); i < count; i++) add_constant();
    for (size_t i = 0, count = random_.below(9); i < count; i++) add_node();
    for (size_t i = 0, count = 1 + random_.below(5); i < count; i++)
      graph.outputs.push_back(any_value());
  }

  Graph graph;
  std::vector<Bytes> inputs;

  std::vector<Bytes> expected() const {
    std::vector<Bytes> outputs;
    for (const ValueId id : graph.outputs)
      outputs.push_back(to_bytes(std::span<const float>(numbers_[static_cast<size_t>(id)])));
    return outputs;
  }

 private:
  using Numbers = std::vector<float>;

  Shape any_shape() {
    const Shape shapes[] = {{12}, {1, 12}, {3, 4}, {2, 6}, {1, 3, 2, 2}, {2, 3, 2}};
    return shapes[random_.below(std::size(shapes))];
  }
  ValueId any_value() { return static_cast<ValueId>(random_.below(graph.values.size())); }
  Numbers random_numbers() {
    Numbers numbers(12);
    for (float& number : numbers) number = static_cast<float>(random_.below(21)) - 10;
    return numbers;
  }

  ValueId add(Numbers numbers, Shape shape) {
    numbers_.push_back(std::move(numbers));
    return add_value(graph, "", {DType::float32, std::move(shape), {}});
  }

  void add_constant() {
    const ValueId id = add(random_numbers(), any_shape());
    graph.value(id).data =
        std::make_shared<const Bytes>(to_bytes(std::span<const float>(numbers_.back())));
  }

  ValueId view(ValueId id, const Shape& shape) {
    const ValueId result = add(numbers_[static_cast<size_t>(id)], shape);
    graph.nodes.push_back({ops::Reshape{shape}, {id}, {result}, graph.value(result).name});
    return result;
  }

  void add_node() {
    const ValueId a = any_value();
    const Shape shape = graph.value(a).type.shape;
    Numbers numbers = numbers_[static_cast<size_t>(a)];
    if (random_.below(2) == 0) {
      view(a, any_shape());
    } else if (random_.below(2) == 0) {
      for (float& number : numbers) number = std::max(number, 0.0f);
      const ValueId result = add(std::move(numbers), shape);
      graph.nodes.push_back({ops::Relu{}, {a}, {result}, graph.value(result).name});
    } else {
      const ValueId b = view(any_value(), shape);
      for (size_t i = 0; i < numbers.size(); i++) numbers[i] += numbers_[static_cast<size_t>(b)][i];
      const ValueId result = add(std::move(numbers), shape);
      graph.nodes.push_back({ops::Add{}, {a, b}, {result}, graph.value(result).name});
    }
  }

  Random random_;
  std::vector<Numbers> numbers_;  // by value
};

TEST(Views, GiveWhatTheyStandForAsTheyAreAndOptimized) {
  for (uint64_t seed = 1; seed <= 500; seed++) {
    const ViewGraph views(seed);
    SCOPED_TRACE(print(views.graph).text);
    ASSERT_EQ(execute(views.graph, views.inputs), views.expected());
    Graph optimized = views.graph;
    optimize(optimized);
    ASSERT_EQ(execute(optimized, views.inputs), views.expected());
  }
}

std::vector<float> results_of(const char* text, const std::vector<float>& x) {
  const Graph graph = parse(text, {}, "graph");
  std::vector<float> all;
  for (const Bytes& output : execute(graph, {to_bytes(std::span<const float>(x))})) {
    std::vector<float> numbers(output.size() / sizeof(float));
    std::memcpy(numbers.data(), output.data(), output.size());
    all.insert(all.end(), numbers.begin(), numbers.end());
  }
  expect_optimizes_to_the_same(graph);
  return all;
}

TEST(Views, OfAConstantIsTheConstant) {
  EXPECT_EQ(results_of(R"(graph g
input x: float32[2, 2]
  c: float32[4] = [1, 2, 3, 4]
r: float32[2, 2] = Reshape(c) {shape: [2, 2]}
y: float32[2, 2] = Add(x, r)
output y, r
)",
                       {10, 20, 30, 40}),
            (std::vector<float>{11, 22, 33, 44, 1, 2, 3, 4}));
}

TEST(Views, OfHalvesAreTheirNumbers) {
  EXPECT_EQ(results_of(R"(graph g
input x: float32[1, 2]
  c: float16[2] = [15360, 49152]
r: float32[1, 2] = Reshape(c) {shape: [1, 2]}
y: float32[1, 2] = Add(x, r)
output y, c
)",
                       {10, 20}),
            (std::vector<float>{11, 18, 1, -2}));
}

// What a converter leaves where weights are kept as integers and computed with as floats.
TEST(Views, WeightsMayBeWhatANodeMakesOfAConstant) {
  EXPECT_EQ(results_of(R"(graph g
input x: float32[1, 2]
  q: int8[4] {scale: 0.5, zero_point: 0} = [2, 4, 6, 8]
  bias: float32[1, 2] = [100, 200]
flat: float32[4] = Dequantize(q)
weights: float32[2, 2] = Reshape(flat) {shape: [2, 2]}
row: float32[2] = Reshape(bias) {shape: [2]}
y: float32[1, 2] = FullyConnected(x, weights, row)
output y
)",
                       {10, 1}),
            (std::vector<float>{112, 234}));
}

TEST(Ports, MayBeInputsConstantsScalarsAndTheSameTwice) {
  EXPECT_EQ(results_of(R"(graph g
input x: float32[1]
  c: float32[2] = [5, 6]
scalar: float32[] = Reshape(x)
output x, x, c, scalar, c, scalar
)",
                       {3}),
            (std::vector<float>{3, 3, 5, 6, 3, 5, 6, 3}));
}

}  // namespace
}  // namespace mote::passes
