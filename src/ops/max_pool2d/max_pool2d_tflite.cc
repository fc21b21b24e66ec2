// MAX_POOL_2D <-> MaxPool2D. Tested by max_pool2d_test.cc.
#include "ops/foreign.h"
#include "ops/max_pool2d/max_pool2d.h"
#include "ops/op_def.h"
#include "ops/pool_tflite.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  import_pool<ops::MaxPool2D>(importer);
}

void export_node(const Op& op, Exporter& exporter) {
  export_pool("MAX_POOL_2D", as<ops::MaxPool2D>(op), exporter);
}

}  // namespace

Mapping max_pool2d_tflite() {
  return {{"MAX_POOL_2D"}, import_node, export_node};
}

}  // namespace mote
