// The int16 models of a speech network, one operator each, of the operators that Mote has: TFLM's
// integers, all of them. $MOTE_GOLDEN_DIR/README.md describes the files.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "formats/tflite/tflite.h"
#include "interpret/interpreter.h"
#include "ir/file.h"
#include "ops/op_def.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/random_data.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

bool has_operators(const ForeignGraph& graph) {
  std::set<std::string_view> known;
  for (const OpDef* def : op_defs())
    known.insert(def->tflite_names.begin(), def->tflite_names.end());
  return std::ranges::all_of(graph.nodes,
                             [&](const auto& node) { return known.contains(node.type); });
}

// The integers of a file, separated by commas.
std::vector<int64_t> read_integers(const std::string& path) {
  std::ifstream file(path);
  std::vector<int64_t> integers;
  for (int64_t integer; file >> integer; file.ignore()) integers.push_back(integer);
  return integers;
}

Bytes elements(DType dtype, const std::vector<int64_t>& integers) {
  if (dtype == DType::int32) {
    const std::vector<int32_t> wide(integers.begin(), integers.end());
    return to_bytes(std::span<const int32_t>(wide));
  }
  const std::vector<int16_t> narrow(integers.begin(), integers.end());
  return to_bytes(std::span<const int16_t>(narrow));
}

void expect_golden(const ForeignGraph& foreign, const std::string& path) {
  const Graph graph = import_graph(foreign, Format::tflite);
  const Bytes written = formats::print_tflite(export_graph(graph, Format::tflite));
  EXPECT_EQ(import_graph(formats::parse_tflite(written, path), Format::tflite), graph);

  const Program program = testing::lower_for_host(graph);
  std::vector<Bytes> inputs;
  for (size_t i = 0; i < program.inputs.size(); i++) {
    const DType dtype = program.inputs[i].type.dtype;
    const std::string file =
        path + "_input" + std::to_string(i) + "_" + std::string(name_of(dtype));
    inputs.push_back(elements(dtype, read_integers(file + ".csv")));
  }
  const Bytes output = interpret::run(program, inputs).at(0);
  const std::vector<int64_t> golden = read_integers(path + "_golden_int16.csv");
  ASSERT_EQ(output.size(), golden.size() * sizeof(int16_t));
  for (size_t i = 0; i < golden.size(); i++)
    ASSERT_EQ(testing::integer_at(output, DType::int16, i), golden[i]) << "element " << i;
}

TEST(GoldenInt16x8, EveryModelOfOurOperatorsIsEqual) {
  const std::string golden = testing::folder_from("MOTE_GOLDEN_DIR");
  if (golden.empty()) GTEST_SKIP() << "MOTE_GOLDEN_DIR is not set";
  int ran = 0;
  for (const std::string& file : testing::files_below(golden + "/int16x8", ".tflite")) {
    const ForeignGraph foreign = formats::parse_tflite(read_file(file), file);
    if (!has_operators(foreign)) continue;
    SCOPED_TRACE(file);
    ran++;
    try {
      expect_golden(foreign, file.substr(0, file.size() - std::string(".tflite").size()));
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  EXPECT_GE(ran, 31);
}

}  // namespace
}  // namespace mote
