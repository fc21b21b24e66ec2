// What verbs do with the MODEL of the command line, a path or zoo:NAME.
#pragma once

#include <cstdint>
#include <string>

#include "ir/graph.h"

namespace mote::cli {

// A zoo network comes with initial weights drawn by `seed`.
Graph load_model(const std::string& model, uint64_t seed);

// `float` for a float model, else `native`.
std::string default_engine(const Graph& graph);

// What the model takes on disk, as it is and packed; both 0 for a zoo network.
struct FileSizes {
  int64_t file_bytes = 0;
  int64_t gzip_bytes = 0;
};
FileSizes file_sizes(const std::string& model);

// Throws Error{usage} for a path that could not be written in the end, before hours are spent.
void check_model_output(const std::string& path);

}  // namespace mote::cli
