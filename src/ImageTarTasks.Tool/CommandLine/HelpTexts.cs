using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>The docstrings of the tasks as plain text. The build embeds them into this assembly (ImageTarTasks.Tool.csproj).</summary>
internal sealed partial class HelpTexts
{
    private const string Resource = "help.xml";

    private readonly Dictionary<string, XElement> _members;

    /// <summary>The texts of documentation files, as the compiler writes them.</summary>
    public HelpTexts(params IEnumerable<XDocument> files) =>
        _members = files.SelectMany(file => file.Descendants("member")).ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    /// <summary>The embedded texts.</summary>
    public static XDocument Embedded()
    {
        using var stream = typeof(HelpTexts).Assembly.GetManifestResourceStream(Resource)!;
        return XDocument.Load(stream);
    }

    /// <summary>The summary of a task.</summary>
    public string GetSummary(Type type) => Text($"T:{type.FullName}", "summary");

    /// <summary>The summary of a property.</summary>
    public string GetSummary(PropertyInfo property) => Text($"P:{property.DeclaringType!.FullName}.{property.Name}", "summary");

    /// <summary>The remarks of a task; empty when there are none.</summary>
    public string GetRemarks(Type type) => Text($"T:{type.FullName}", "remarks");

    private string Text(string member, string part) =>
        _members.TryGetValue(member, out var element) && element.Element(part) is { } found ? WhitespacePattern().Replace(ToPlainText(found), " ").Trim() : "";

    private static string ToPlainText(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "seealso" } see when see.Attribute("cref") is { } cref => cref.Value[(cref.Value.LastIndexOf('.') + 1)..],
        XElement { Name.LocalName: "see" } see when see.Attribute("langword") is { } word => word.Value,
        XElement inner => ToPlainText(inner),
        _ => "",
    }));

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhitespacePattern();
}
