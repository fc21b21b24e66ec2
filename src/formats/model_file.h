// Models as files: whatever format a path has, a Graph comes out of it and goes into it.
// Tested by model_file_test.cc.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "ops/foreign.h"

namespace mote::formats {

// A `.tflite` or a `.mote` file; what the file holds counts for more than how it is called. The
// graph passes verify(graph, Level::imported) and is named after the file where the file names
// none. Throws Error{invalid_input} for damage and Error{unsupported} for what Mote does not do;
// `where` begins with the path. `notes`, where given, gets what the file says and nobody goes by.
Graph read_model(const std::string& path, std::vector<std::string>* notes = nullptr);

// Throws Error{usage} for a path that write_model could not write: to ask before hours are spent.
void check_writable(const std::string& path);

// The extension says which format. The file appears whole or not at all; the same graph gives the
// same bytes.
void write_model(const std::string& path, const Graph& graph, const ExportOptions& options = {});

}  // namespace mote::formats
