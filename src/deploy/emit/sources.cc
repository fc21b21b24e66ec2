#include "deploy/emit/sources.h"

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/resources.h"
#include "deploy/storage/channels.h"
#include "deploy/storage/storage.h"
#include "ops/kernel.h"

namespace mote::deploy {
namespace {

constexpr std::string_view kDirective = "#include \"";

// The paths that a file includes by quotes.
std::vector<std::string> includes_of(std::string_view text) {
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

// From the folder of one file to another file.
std::string relative(const std::string& from, const std::string& to) {
  const std::filesystem::path folder = std::filesystem::path(from).parent_path();
  return std::filesystem::path(to).lexically_relative(folder).generic_string();
}

}  // namespace

std::string source_text(const std::string& path) {
  const std::string_view text = resource(path);
  std::string result;
  size_t copied = 0;
  for (size_t at = text.find(kDirective); at != text.npos; at = text.find(kDirective, at)) {
    at += kDirective.size();
    const size_t end = text.find('"', at);
    result += text.substr(copied, at - copied);
    result += relative(path, std::string(text.substr(at, end - at)));
    copied = end;
  }
  return result + std::string(text.substr(copied));
}

std::string kernel_header(std::string_view kernel_source) {
  const std::string folder(kernel_source.substr(0, kernel_source.rfind('/')));
  return folder + folder.substr(folder.rfind('/')) + "_kernels.h";
}

std::set<std::string> sources_of(const Program& program) {
  std::set<std::string> files;
  add("runtime/operand.h", files);
  for (const Call& call : program.calls) {
    const Kernel& kernel = find_kernel(call.kernel, call.variant);
    add(std::string(kernel.source), files);
    add(kernel_header(kernel.source), files);
    if (unpacking_of(call)) add(kUnpackerHeader, files);
  }
  for (const Constant& constant : program.constants)
    if (const Storage& storage = storage_of(constant); !storage.header.empty())
      add(std::string(storage.header), files);
  return files;
}

}  // namespace mote::deploy
