using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ImageTarTasks.Verbs;

/// <summary>The docstrings of the tasks, from the XML files the compiler writes beside the program; empty where the file is missing.</summary>
internal sealed partial class DocStrings
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> _members = [];

    /// <summary>The summary of a task, as plain text.</summary>
    public string Summary(Type type) => Text(type.Assembly, $"T:{type.FullName}", "summary");

    /// <summary>The summary of a property, as plain text.</summary>
    public string Summary(PropertyInfo property) => Text(property.DeclaringType!.Assembly, $"P:{property.DeclaringType.FullName}.{property.Name}", "summary");

    /// <summary>The remarks of a task, as plain text; empty when there are none.</summary>
    public string Remarks(Type type) => Text(type.Assembly, $"T:{type.FullName}", "remarks");

    private string Text(Assembly assembly, string member, string part)
    {
        if (!_members.TryGetValue(assembly, out var members))
        {
            var file = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
            members = !File.Exists(file) ? [] : XDocument.Load(file).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value, StringComparer.Ordinal);
            _members.Add(assembly, members);
        }

        return members.TryGetValue(member, out var element) && element.Element(part) is { } found ? Blanks().Replace(Plain(found), " ").Trim() : "";
    }

    private static string Plain(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "seealso" } see when see.Attribute("cref") is { } cref => cref.Value[(cref.Value.LastIndexOf('.') + 1)..],
        XElement { Name.LocalName: "see" } see when see.Attribute("langword") is { } word => word.Value,
        XElement inner => Plain(inner),
        _ => "",
    }));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
