#include "ir/mote_file.h"
#include "base/zip.h"

#include <charconv>

#include <fmt/format.h>

#include "base/error.h"
#include "ir/npy.h"
#include "ir/text.h"

namespace mote {
namespace {

constexpr std::string_view kGraph = "graph.txt";
constexpr std::string_view kConstants = "constants/";
constexpr std::string_view kMasks = "masks/";
constexpr std::string_view kArraySuffix = ".npy";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Whoever unpacks the archive gets plain names within its folder, whatever the values are called:
// other characters become %XX, and so do dots and slashes at the start of a name ("../x").
std::string member_of(std::string_view folder, std::string_view name) {
  std::string member(folder);
  for (char c : name) {
    const bool inner = member.back() != '/' && (c == '.' || c == '/');
    member += is_plain(c) || inner ? std::string(1, c)
                                   : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return member.append(kArraySuffix);
}

std::string name_of_member(std::string_view folder, std::string_view member) {
  member.remove_prefix(folder.size());
  member.remove_suffix(kArraySuffix.size());
  std::string name;
  for (size_t i = 0; i < member.size(); i++) {
    uint8_t code = 0;
    const char* digits = member.data() + i + 1;
    const bool escaped = member[i] == '%' && i + 2 < member.size() &&
                         std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2;
    name += escaped ? static_cast<char>(code) : member[i];
    if (escaped) i += 2;
  }
  return name;
}

bool is_array(std::string_view folder, std::string_view member) {
  return member.starts_with(folder) && member.ends_with(kArraySuffix) &&
         member.size() > folder.size() + kArraySuffix.size();
}

using Arrays = std::map<std::string, Array>;  // by value name

// Takes the arrays of a folder out of `members`.
Arrays take_arrays(ExtraMembers& members, std::string_view folder, const std::string& path) {
  Arrays arrays;
  std::erase_if(members, [&](const auto& member) {
    const auto& [name, bytes] = member;
    if (!is_array(folder, name)) return false;
    arrays[name_of_member(folder, name)] =
        parse_npy(bytes, fmt::format("{}: member '{}'", path, name));
    return true;
  });
  return arrays;
}

std::string take_graph(ExtraMembers& members, const std::string& path) {
  const auto found = members.find(std::string(kGraph));
  if (found == members.end())
    throw Error(ErrorKind::invalid_input, fmt::format("no .mote file: it has no {}", kGraph), path);
  std::string text(found->second.begin(), found->second.end());
  members.erase(found);
  return text;
}

// The arrays have types of their own, which must be those in the text; masks are boolean.
void check_types(const Graph& graph, const Arrays& arrays, std::string_view folder,
                 const std::string& path) {
  size_t used = 0;
  for (const Value& value : graph.values) {
    const auto array = arrays.find(value.name);
    if (array == arrays.end()) continue;
    used++;
    const DType dtype = folder == kMasks ? DType::boolean : value.type.dtype;
    if (array->second.dtype != dtype || array->second.shape != value.type.shape)
      throw Error(
          ErrorKind::invalid_input,
          fmt::format("{}{} beside the text, {} in it", name_of(array->second.dtype),
                      to_string(array->second.shape), to_string(value.type)),
          fmt::format("{}: {} '{}'", path, folder == kMasks ? "mask of" : "constant", value.name));
  }
  if (used != arrays.size())
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} that the graph does not have", folder.substr(0, folder.size() - 1)),
                path);
}

}  // namespace

void write_mote_file(const std::string& path, const Graph& graph, const ExtraMembers& extra) {
  const PrintedGraph printed = print(graph);
  ExtraMembers members = extra;
  members[std::string(kGraph)] = Bytes(printed.text.begin(), printed.text.end());
  size_t count = extra.size() + 1;
  const auto add = [&](std::string_view folder, const Value& value, DType dtype,
                       const std::shared_ptr<const Bytes>& data) {
    if (!data) return;
    members[member_of(folder, value.name)] = print_npy({dtype, value.type.shape, *data});
    count++;
  };
  for (const Value& value : graph.values) {
    const auto stored = printed.constants.find(value.name);
    if (stored == printed.constants.end()) continue;
    add(kConstants, value, value.type.dtype, stored->second.data);
    add(kMasks, value, DType::boolean, stored->second.mask);
  }
  if (members.size() != count)
    throw Error(ErrorKind::internal, "an extra member has the name of one of the graph's", path);
  write_zip(path, members);
}

MoteFile read_mote_file(const std::string& path) {
  MoteFile file;
  file.extra = read_zip(path);
  const std::string text = take_graph(file.extra, path);
  const Arrays arrays = take_arrays(file.extra, kConstants, path);
  const Arrays masks = take_arrays(file.extra, kMasks, path);
  ConstantStore constants;
  for (const auto& [name, array] : arrays)
    constants[name].data = std::make_shared<const Bytes>(array.data);
  for (const auto& [name, array] : masks)
    constants[name].mask = std::make_shared<const Bytes>(array.data);
  file.graph = parse(text, constants, fmt::format("{}: {}", path, kGraph));
  check_types(file.graph, arrays, kConstants, path);
  check_types(file.graph, masks, kMasks, path);
  return file;
}

}  // namespace mote
