// The int16 models of a speech network, one operator each, from TFLM's integration tests: all
// integers are equal, and so is the model after a trip through our own file.
// $MOTE_GOLDEN_DIR/README.md describes the files.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "deploy/devices/device.h"
#include "deploy/lower/lower.h"
#include "formats/tflite/tflite.h"
#include "interpret/interpreter.h"
#include "ir/text.h"
#include "ops/foreign.h"
#include "runtime/arithmetic/multiplier.h"
#include "tests/support/golden_cases.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

void set_multiplier(Call& call, std::string_view term, double factor) {
  const mote_multiplier m = mote_quantize_multiplier(factor);
  for (const ParamsField& field : call.params.type->fields) {
    uint8_t* bytes = call.params.bytes.data() + field.offset_bytes;
    if (field.name == std::string(term) + "_multiplier") std::memcpy(bytes, &m.multiplier, 4);
    if (field.name == std::string(term) + "_shift") std::memcpy(bytes, &m.shift, 4);
  }
}

// The expected integers are those of TFLite's interpreter, which TFLM's own tests compare within 1.
// Of these operators, TFLM differs in one: TFLite derives Sub's factors in binary64, as Add's.
// With that, and only with that, all integers agree. (golden_ops_test.cc holds Sub to TFLM's.)
Program as_tflite(Program program, const Graph& graph) {
  for (Call& call : program.calls) {
    if (call.kernel != "sub_s16") continue;
    const auto scale = [&](ValueId id) -> double {
      return graph.value(id).type.quantization->scale[0];
    };
    const double a = scale(graph.inputs[0]), b = scale(graph.inputs[1]);
    const double shared = 2.0 * std::max(a, b);
    set_multiplier(call, "a", a / shared);
    set_multiplier(call, "b", b / shared);
    set_multiplier(call, "output", shared / (0x1p15 * scale(graph.outputs[0])));
  }
  return program;
}

void expect_golden(const std::string& path) {
  const ForeignGraph foreign = formats::parse_tflite(read_file(path + ".tflite"), path);
  const Graph graph = import_graph(foreign, Format::tflite);
  const Bytes written = formats::print_tflite(export_graph(graph, Format::tflite));
  EXPECT_EQ(import_graph(formats::parse_tflite(written, path), Format::tflite), graph);
  const PrintedGraph printed = print(graph);
  EXPECT_EQ(parse(printed.text, printed.constants), graph);
  for (const auto variants : {deploy::Variants::reference, deploy::Variants::best}) {
    const Program program = deploy::lower(graph, deploy::host_device(), {.variants = variants});
    EXPECT_EQ(interpret::run(as_tflite(program, graph), testing::golden_inputs(path, program)),
              testing::golden_outputs(path, program));
  }
}

TEST(GoldenInt16x8, EveryModelIsEqual) {
  const std::string golden = testing::folder_from("MOTE_GOLDEN_DIR");
  if (golden.empty()) GTEST_SKIP() << "MOTE_GOLDEN_DIR is not set";
  int ran = 0;
  for (const std::string& file : testing::files_below(golden + "/int16x8", ".tflite")) {
    SCOPED_TRACE(file);
    ran++;
    try {
      expect_golden(file.substr(0, file.size() - std::string(".tflite").size()));
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  EXPECT_EQ(ran, 66);
}

}  // namespace
}  // namespace mote
