// The `.mote` file: a zip of graph.txt and one .npy per constant, times zeroed, so that the same
// graph gives the same bytes. Training's checkpoints add members of their own. Tested by
// mote_file_test.cc.
#pragma once

#include <map>
#include <string>

#include "ir/graph.h"

namespace mote {

// Members of the archive by name, beside graph.txt and constants/.
using ExtraMembers = std::map<std::string, Bytes>;

struct MoteFile {
  Graph graph;
  ExtraMembers extra;
};

// Written under a temporary name and renamed, so that an interruption leaves the old file or none.
void write_mote_file(const std::string& path, const Graph& graph, const ExtraMembers& extra = {});
// Throws Error{invalid_input} for anything but a whole and valid file.
MoteFile read_mote_file(const std::string& path);

}  // namespace mote
