// Which files of ours a program needs: its kernels and what they include. Tested by emit_test.cc.
#pragma once

#include <set>
#include <string>

#include "ir/program.h"

namespace mote::deploy {

// "ops/conv2d/conv2d_kernels.h" for a kernel in ops/conv2d/.
std::string kernel_header(std::string_view kernel_source);

// A source of ours as firmware has it: it includes others by their paths from its own folder, so
// that it compiles without include paths and never finds another model's copies.
std::string source_text(const std::string& path);

// Paths of resources: the kernels' sources, the headers that they include, directly or not, and the
// source beside each of these headers.
std::set<std::string> sources_of(const Program& program);

}  // namespace mote::deploy
