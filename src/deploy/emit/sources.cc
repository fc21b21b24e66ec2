#include "deploy/emit/sources.h"

#include <string_view>
#include <vector>

#include "base/resources.h"
#include "deploy/storage/storage.h"
#include "ops/kernel.h"

namespace mote::deploy {
namespace {

// The paths that a file includes by quotes.
std::vector<std::string> includes_of(std::string_view text) {
  constexpr std::string_view kDirective = "#include \"";
  std::vector<std::string> paths;
  for (size_t at = text.find(kDirective); at != text.npos; at = text.find(kDirective, at)) {
    at += kDirective.size();
    paths.emplace_back(text.substr(at, text.find('"', at) - at));
  }
  return paths;
}

bool is_resource(const std::string& path) {
  const auto found = resources(path);
  return !found.empty() && found.front() == path;
}

void add(const std::string& path, std::set<std::string>& files) {
  if (!files.insert(path).second) return;
  for (const std::string& included : includes_of(resource(path))) add(included, files);
  if (!path.ends_with(".h")) return;
  const std::string body = path.substr(0, path.size() - 2) + ".c";
  if (is_resource(body)) add(body, files);
}

}  // namespace

std::string kernel_header(std::string_view kernel_source) {
  const std::string folder(kernel_source.substr(0, kernel_source.rfind('/')));
  return folder + folder.substr(folder.rfind('/')) + "_kernels.h";
}

std::set<std::string> sources_of(const Program& program) {
  std::set<std::string> files = {"runtime/operand.h"};
  for (const Call& call : program.calls) {
    const Kernel& kernel = find_kernel(call.kernel, call.variant);
    add(std::string(kernel.source), files);
    add(kernel_header(kernel.source), files);
  }
  for (const Constant& constant : program.constants)
    if (const Storage& storage = storage_of(constant); !storage.header.empty())
      add(std::string(storage.header), files);
  return files;
}

}  // namespace mote::deploy
