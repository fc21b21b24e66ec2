// Every case (int8, int16, float32, 4-bit weights) of the operator conformance suite whose
// operators Mote has, from plain and from packed weights and from every variant of the kernels that
// this machine has: TFLM's bytes for integers, 1e-5 for floats. $MOTE_GOLDEN_DIR/ops/README.md
// describes the suite.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "base/error.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "ops/op_def.h"
#include "tests/support/golden.h"
#include "tests/support/golden_cases.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

// A row of INDEX.tsv.
struct OpsCase {
  std::string name;
  std::vector<std::string> operators;
  std::string types;  // of inputs and outputs
};

std::vector<OpsCase> read_index(const std::string& folder) {
  std::ifstream file(folder + "/INDEX.tsv");
  std::vector<OpsCase> cases;
  std::string line;
  std::getline(file, line);  // the heading
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string name, operators, inputs, outputs, type;
    std::getline(fields, name, '\t');
    std::getline(fields, operators, '\t');
    std::getline(fields, inputs, '\t');
    std::getline(fields, outputs, '\t');
    OpsCase row{name, {}, inputs + " " + outputs};
    std::istringstream parts(operators);
    while (std::getline(parts, type, '+')) row.operators.push_back(type);
    cases.push_back(std::move(row));
  }
  return cases;
}

std::set<std::string_view> operators_of_mote() {
  std::set<std::string_view> names;
  for (const OpDef* def : op_defs())
    if (const auto mapping = def->mappings.find(Format::tflite); mapping != def->mappings.end())
      names.insert(mapping->second.names.begin(), mapping->second.names.end());
  return names;
}

bool has_operators(const OpsCase& row, const std::set<std::string_view>& known) {
  return std::ranges::all_of(row.operators, [&](const auto& type) { return known.contains(type); });
}

// The reference, the same from packed weights, and this machine's best with all and with fewer of
// its instructions.
std::vector<Program> programs_of(const Graph& graph) {
  const deploy::Device host = deploy::host_device();
  deploy::Device packing = host;
  packing.packs_weights = true;
  const deploy::LowerOptions reference{.variants = deploy::Variants::reference};
  std::vector<Program> programs = {deploy::lower(graph, host, reference),
                                   deploy::lower(graph, packing, reference)};
  for (const deploy::Device& device : testing::host_devices())
    programs.push_back(deploy::lower(graph, device));
  return programs;
}

void run_program(const Program& program, const std::string& path) {
  const std::vector<Bytes> expected = testing::golden_outputs(path, program);
  const std::vector<Bytes> outputs = interpret::run(program, testing::golden_inputs(path, program));
  for (size_t i = 0; i < outputs.size(); i++)
    testing::expect_equal(program.outputs[i].type, outputs[i], expected.at(i));
}

void run_case(const OpsCase& row, const std::string& path) {
  const std::vector<Program> programs = programs_of(formats::read_model(path + ".tflite"));
  for (const Program& program : programs) run_program(program, path);
  if (row.name.find("_s4_") == std::string::npos) return;
  for (const Constant& constant : programs[1].constants) {
    const WeightLayout& layout = constant.layout;
    const bool smaller = layout.outer * layout.channels * layout.inner > 1;
    EXPECT_EQ(constant.storage == MOTE_STORAGE_DENSE4, smaller) << constant.name;
  }
}

TEST(GoldenOps, EveryCaseOfOurOperatorsIsEqual) {
  const std::string golden = testing::folder_from("MOTE_GOLDEN_DIR");
  if (golden.empty()) GTEST_SKIP() << "MOTE_GOLDEN_DIR is not set";
  const std::set<std::string_view> known = operators_of_mote();
  int ran = 0;
  for (const OpsCase& row : read_index(golden + "/ops")) {
    if (!has_operators(row, known)) continue;
    SCOPED_TRACE(row.name);
    ran++;
    try {
      run_case(row, golden + "/ops/" + row.name);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  RecordProperty("cases", ran);
  EXPECT_GE(ran, 288);
}

}  // namespace
}  // namespace mote
