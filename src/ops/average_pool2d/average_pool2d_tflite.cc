// AVERAGE_POOL_2D <-> AveragePool2D. Tested by average_pool2d_test.cc.
#include "ops/average_pool2d/average_pool2d.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/pool_tflite.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  import_pool<ops::AveragePool2D>(importer);
}

void export_node(const Op& op, Exporter& exporter) {
  export_pool("AVERAGE_POOL_2D", as<ops::AveragePool2D>(op), exporter);
}

}  // namespace

Mapping average_pool2d_tflite() {
  return {{"AVERAGE_POOL_2D"}, import_node, export_node};
}

}  // namespace mote
