// libFuzzer's way into the TFLite reader: cmake --preset clang -DMOTE_SANITIZE=ON -DMOTE_FUZZ=ON,
// then `tflite_fuzzer CORPUS`. What it finds becomes a case of tflite_test.cc.
#include "base/error.h"
#include "formats/tflite/tflite.h"
#include "ops/foreign.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mote;
  try {
    const Graph graph = import_graph(formats::parse_tflite({data, size}, "input"), Format::tflite);
    formats::print_tflite(export_graph(graph, Format::tflite));
  } catch (const Error& error) {
    if (error.kind == ErrorKind::internal) throw;
  }
  return 0;
}
