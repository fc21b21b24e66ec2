// Files of the source tree that the program carries within itself: kernels and runtime for `emit`,
// devices, linker scripts, recipes, templates. Paths are relative to src/ ("runtime/operand.h").
#pragma once

#include <string_view>
#include <vector>

namespace mote {

// The file's text; throws Error{internal} for a path that the build did not include.
std::string_view resource(std::string_view path);
// All paths that start with `prefix`, sorted.
std::vector<std::string_view> resources(std::string_view prefix);

}  // namespace mote
