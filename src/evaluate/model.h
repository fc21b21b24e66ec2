// Models by the name that users give them: a path or zoo:NAME. Tested by model_test.cc.
#pragma once

#include <cstdint>
#include <string>

#include "ir/graph.h"

namespace mote::evaluate {

bool is_zoo(const std::string& model);

// A zoo network comes with initial weights drawn by `seed`. Throws as formats::read_model and
// zoo::build do.
Graph load_model(const std::string& model, uint64_t seed);

// What the model takes on disk, as it is and packed; both 0 for a zoo network.
struct FileSizes {
  int64_t file_bytes = 0;
  int64_t gzip_bytes = 0;
};
FileSizes file_sizes(const std::string& model);

}  // namespace mote::evaluate
