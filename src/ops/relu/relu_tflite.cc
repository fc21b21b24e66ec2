// RELU <-> Relu. Tested by relu_test.cc.
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/relu/relu.h"
#include "ops/tflite_version.h"

namespace mote {

template <>
void import_tflite<ops::Relu>(Importer& importer) {
  importer.add(ops::Relu{}, {importer.id(0)});
}

template <>
void export_tflite<ops::Relu>(const Op&, Exporter& exporter) {
  const int32_t version = tflite_type_version(exporter.output_type().dtype);
  exporter.add("RELU", version, {exporter.input(0)}, {exporter.output()});
}

}  // namespace mote
