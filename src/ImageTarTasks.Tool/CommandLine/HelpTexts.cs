using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>
/// The docstrings of the tasks as plain text. The build embeds them in this assembly (ImageTarTasks.Tool.csproj).
/// </summary>
internal sealed partial class HelpTexts
{
    private const string Resource = "help.xml";

    private readonly Dictionary<string, XElement> _members;

    /// <summary>Reads the texts of documentation files that the compiler wrote.</summary>
    public HelpTexts(params IEnumerable<XDocument> files) =>
        _members = files
            .SelectMany(file => file.Descendants("member"))
            .ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    /// <summary>Loads the documentation file that is embedded in this assembly.</summary>
    public static XDocument Embedded()
    {
        using var stream = typeof(HelpTexts).Assembly.GetManifestResourceStream(Resource)!;
        return XDocument.Load(stream);
    }

    /// <summary>The summary of a task.</summary>
    public string GetSummary(Type type) => GetText($"T:{type.FullName}", "summary");

    /// <summary>The summary of a property.</summary>
    public string GetSummary(PropertyInfo property) =>
        GetText($"P:{property.DeclaringType!.FullName}.{property.Name}", "summary");

    /// <summary>The remarks of a task; empty when there are none.</summary>
    public string GetRemarks(Type type) => GetText($"T:{type.FullName}", "remarks");

    private string GetText(string member, string part) =>
        _members.TryGetValue(member, out var documentation) && documentation.Element(part) is { } element
            ? WhitespacePattern().Replace(ToPlainText(element), " ").Trim()
            : "";

    private static string ToPlainText(XElement element) =>
        string.Concat(
            element
                .Nodes()
                .Select(node =>
                    node switch
                    {
                        XText text => text.Value,
                        XElement { Name.LocalName: "see" or "seealso" } see when see.Attribute("cref") is { } cref =>
                            cref.Value[(cref.Value.LastIndexOf('.') + 1)..],
                        XElement { Name.LocalName: "see" } see when see.Attribute("langword") is { } word => word.Value,
                        XElement inner => ToPlainText(inner),
                        _ => "",
                    }
                )
        );

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhitespacePattern();
}
