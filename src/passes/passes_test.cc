// Runs the cases of <pass>_test.txt: the graph before, the graph after, in the text form of
// docs/ir.md. Every case also executes both sides on seeded random inputs.
#include "passes/passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
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

class PassCase : public testing::TestWithParam<Case> {};

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

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.pass + "_" + info.param.name;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Passes, PassCase, testing::ValuesIn(all_cases()), name_of_case);

TEST(Passes, EachHasCases) {
  for (const Pass& pass : pipeline())
    EXPECT_GT(std::ranges::count(all_cases(), pass.name, &Case::pass), 0) << pass.name;
}

}  // namespace
}  // namespace mote::passes
