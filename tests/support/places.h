// Where the sources and the build lie. Only places.cc is compiled with these paths, so that a
// compiler cache serves any clone with what another has compiled.
#pragma once

#include <string>

namespace mote {

// "results/custom" gives its absolute path; "" the folder itself, without a slash at its end.
std::string source_path(const std::string& path = "");
std::string build_path(const std::string& path = "");

}  // namespace mote
