// Models by the name that users give them: a path or zoo:NAME. Tested by model_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace mote::evaluate {

bool is_zoo(const std::string& model);

// A zoo network comes with initial weights drawn by `seed`. `preprocess`, where it is not empty,
// takes the place of what the model says of its pixels (preprocess.h), unless it says that it takes
// them raw: its weights have the scale in them then, and would get it twice. `notes`, where given,
// gets what a file says and nobody goes by. Throws as formats::read_model, zoo::build,
// parse_preprocessing and set_preprocessing do.
Graph load_model(const std::string& model, uint64_t seed, const std::string& preprocess = {},
                 std::vector<std::string>* notes = nullptr);

// What the model takes on disk, as it is and packed; both 0 for a zoo network.
struct FileSizes {
  int64_t file_bytes = 0;
  int64_t gzip_bytes = 0;
};
FileSizes file_sizes(const std::string& model);

}  // namespace mote::evaluate
