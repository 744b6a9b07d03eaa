# cmake -DDIST=<console/dist> -DOUTPUT=<console_files.cpp> -P embed_console.cmake
# Writes the console's files as a C++ source, with a tag made of each file's digest.
set(rows "")
set(contents "")
foreach(row "/|index.html|text/html" "/app.js|app.js|text/javascript" "/app.css|app.css|text/css"
            "/icon.svg|icon.svg|image/svg+xml")
  string(REPLACE "|" ";" row "${row}")
  list(GET row 0 path)
  list(GET row 1 name)
  list(GET row 2 type)
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()
  string(MAKE_C_IDENTIFIER "${name}" identifier)
  file(READ "${DIST}/${name}" hex HEX)
  file(SHA256 "${DIST}/${name}" digest)
  string(SUBSTRING "${digest}" 0 32 digest)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND contents "constexpr char ${identifier}[] = {\n${bytes}};\n\n")
  string(APPEND rows "    {\"${path}\", \"${name}\", \"${type}\", {${identifier}, sizeof ${identifier}},\n     \"\\\"${digest}\\\"\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made from the console's built files; not to be edited.
#include \"web/console_assets.hpp\"

#include <array>

namespace xrayd::web {
namespace {

${contents}constexpr std::array<ConsoleFile, 4> files = {{
${rows}}};

}  // namespace

std::span<const ConsoleFile> console_files() { return files; }

}  // namespace xrayd::web
")
