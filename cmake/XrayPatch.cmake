# xray_patch(<target> <client>... [WITHOUT <function>...]): a program (or shared library) that
# contains a client library, linked statically, traces its calls: from its start, without a line of
# code.
#
#   target_link_libraries(shop PRIVATE ${CURL_ARCHIVE} ${SQLITE_ARCHIVE})
#   xray_patch(shop curl sqlite3)
#
# WITHOUT names functions that this copy of the library was built without, where the linker says that
# their definition is missing (SQLITE_OMIT_GET_TABLE: sqlite3_get_table).
include_guard(GLOBAL)

function(xray_patch target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "WITHOUT")
  if(NOT arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "xray_patch(${target}): name the clients that ${target} contains")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "xray_patch(${target}): there is no such target yet")
  endif()
  get_target_property(aliased ${target} ALIASED_TARGET)
  if(aliased)
    set(target ${aliased})
  endif()
  # Of others the linker never hears.
  get_target_property(type ${target} TYPE)
  if(NOT type MATCHES "^(EXECUTABLE|SHARED_LIBRARY|MODULE_LIBRARY)$")
    message(FATAL_ERROR "xray_patch(${target}): a program or shared library is meant; patch what "
      "${target} is linked into")
  endif()
  foreach(client IN LISTS arg_UNPARSED_ARGUMENTS)
    if(NOT TARGET xray::linked_${client})
      message(FATAL_ERROR "xray_patch(${target}): no client is called \"${client}\", "
        "or xray was built without its instrumentation")
    endif()
    # In front, for linkers forget a shared library that nobody before it asks for. Not by
    # target_link_libraries(), whose two ways of writing don't go together.
    get_target_property(libraries ${target} LINK_LIBRARIES)
    if(NOT libraries)
      set(libraries "")
    endif()
    set_property(TARGET ${target} PROPERTY LINK_LIBRARIES xray::linked_${client} ${libraries})
  endforeach()
  foreach(function IN LISTS arg_WITHOUT)
    set_property(TARGET ${target} APPEND PROPERTY LINK_OPTIONS "LINKER:--defsym=${function}=0")
  endforeach()
endfunction()
