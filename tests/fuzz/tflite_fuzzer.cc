// libFuzzer's way into the TFLite reader and all that follows: cmake --preset clang
// -DMOTE_SANITIZE=ON -DMOTE_FUZZ=ON, then `tflite_fuzzer CORPUS`. What it finds becomes a case of
// the test of what it finds it in.
#include "formats/tflite/tflite.h"
#include "ops/foreign.h"
#include "tests/fuzz/run_accepted.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mote;
  try {
    const Graph graph = import_graph(formats::parse_tflite({data, size}, "input"), Format::tflite);
    try {
      formats::print_tflite(export_graph(graph, Format::tflite));
    } catch (const Error& error) {
      if (error.kind == ErrorKind::internal) throw;
    }
    testing::run_accepted(graph);
  } catch (const Error& error) {
    if (error.kind == ErrorKind::internal) throw;
  }
  return 0;
}
